/* The box on a small network: RFC 6762's probing, announcing, answering, conflicts and goodbye. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DnsMessage,
  type DnsRecord,
  decode,
  encode,
  nameOctets,
  types,
} from '#net/discovery/wire';
import { SeededRandom } from '../../../support/seeded-random.ts';
import { infoOf, MemoryName, SmallNetwork } from '../../../support/small-network.ts';

const empty: DnsMessage = {
  ...{ id: 0, response: false, truncated: false },
  ...{ questions: [], answers: [], authorities: [], additionals: [] },
};
const nobody = { address: '10.0.0.99', port: 5353 };

/** As RFCs write records: `restante.local A`. */
function written({ name, type }: Pick<DnsRecord, 'name' | 'type'>): string {
  const word = Object.entries(types).find(([, number]) => number === type)?.[0] ?? type;
  return `${name.join('.')} ${word}`;
}

function ask(network: SmallNetwork, text: string, type: number, more: Partial<DnsMessage> = {}) {
  const questions = [{ name: text.split('.'), type }];
  network.said.length = 0;
  network.say('home', encode({ ...empty, questions, ...more }), nobody);
}

test('asks three times whether its names are free, then announces twice', async () => {
  const network = new SmallNetwork();
  const box = network.box();
  await network.pass(200);
  assert.equal(box.discovery.report.state, 'asking');
  await network.pass(3_000);
  const kinds = network.said.map(({ message }) => (message.response ? 'says' : 'asks'));
  assert.deepEqual(kinds, ['asks', 'asks', 'asks', 'says', 'says']);
  const [probe] = network.said;
  assert.deepEqual(probe?.message.questions.map(written), [
    'restante.local ANY',
    'Restante._https._tcp.local ANY',
    'Restante._smtp._tcp.local ANY',
    'Restante._submissions._tcp.local ANY',
    'Restante._pop3s._tcp.local ANY',
  ]);
  assert.ok(probe?.message.authorities.some((one) => written(one) === 'restante.local A'));
  const announced = network.said.at(-1)?.message.answers ?? [];
  const a = announced.find((one) => written(one) === 'restante.local A');
  assert.deepEqual([a?.ttl, a?.unique, [...(a?.data ?? [])]], [120, true, [10, 0, 0, 1]]);
  assert.ok(announced.some((one) => written(one) === '_services._dns-sd._udp.local PTR'));
  assert.deepEqual(box.discovery.report, {
    ...{ state: 'found', name: 'restante.local', networks: ['eth0'] },
    services: ['_https._tcp', '_smtp._tcp', '_submissions._tcp', '_pop3s._tcp'],
  });
});

const questions: readonly [string, number, readonly string[]][] = [
  ['restante.local', types.A, ['restante.local A']],
  ['RESTANTE.local', types.A, ['restante.local A']],
  ['restante.local', types.AAAA, ['restante.local NSEC']],
  ['restante.local', types.ANY, ['restante.local A']],
  ['_pop3s._tcp.local', types.PTR, ['_pop3s._tcp.local PTR']],
  ['Restante._pop3s._tcp.local', types.SRV, ['Restante._pop3s._tcp.local SRV']],
  ['Restante._pop3s._tcp.local', types.TXT, ['Restante._pop3s._tcp.local TXT']],
  ['_imaps._tcp.local', types.PTR, []],
  ['_smtp._tcp.local', types.PTR, ['_smtp._tcp.local PTR']],
  ['_pop3._tcp.local', types.PTR, []],
  ['other.local', types.A, []],
];
for (const [name, type, expected] of questions) {
  test(`answers ${written({ name: name.split('.'), type })}`, async () => {
    const network = new SmallNetwork();
    network.box();
    await network.pass(5_000);
    ask(network, name, type);
    await network.pass(300);
    assert.deepEqual(
      network.said.flatMap(({ message }) => message.answers.map(written)),
      expected,
    );
  });
}

test('says with a service what is asked next', async () => {
  const network = new SmallNetwork();
  network.box();
  await network.pass(5_000);
  ask(network, '_pop3s._tcp.local', types.PTR);
  await network.pass(300);
  assert.deepEqual(network.said[0]?.message.additionals.map(written), [
    'Restante._pop3s._tcp.local SRV',
    'restante.local A',
    'Restante._pop3s._tcp.local TXT',
    'restante.local NSEC',
  ]);
});

test('does not say what the asker knows, nor the same to all twice within a second', async () => {
  const network = new SmallNetwork();
  network.box();
  await network.pass(5_000);
  const data = nameOctets(['Restante', '_pop3s', '_tcp', 'local']);
  const known = { name: ['_pop3s', '_tcp', 'local'], type: types.PTR, unique: false, data };
  ask(network, '_pop3s._tcp.local', types.PTR, { answers: [{ ...known, ttl: 4_000 }] });
  await network.pass(300);
  assert.equal(network.said.length, 0);
  ask(network, '_pop3s._tcp.local', types.PTR, { answers: [{ ...known, ttl: 100 }] });
  await network.pass(300);
  assert.equal(network.said.length, 1);
  ask(network, '_pop3s._tcp.local', types.PTR);
  await network.pass(300);
  assert.equal(network.said.length, 0);
});

test('answers an ordinary resolver alone, as an ordinary server, and not without end', async () => {
  const network = new SmallNetwork();
  network.box();
  await network.pass(5_000);
  network.said.length = 0;
  const query = { ...empty, id: 77, questions: [{ name: ['restante', 'local'], type: types.A }] };
  for (let count = 0; count < 100; count++) {
    network.say('home', encode(query), { address: '10.0.0.99', port: 40_000 });
  }
  await network.pass(300);
  const [first] = network.said;
  assert.deepEqual(first?.to, { address: '10.0.0.99', port: 40_000 });
  assert.deepEqual([first?.message.id, first?.message.questions.length], [77, 1]);
  assert.deepEqual(
    first?.message.answers.map(({ ttl, unique }) => [ttl, unique]),
    [[10, false]],
  );
  assert.equal(network.said.length, 20);
});

test('takes the next name when another has it, and says so', async () => {
  const network = new SmallNetwork();
  const first = network.box();
  await network.pass(5_000);
  const second = network.box();
  await network.pass(6_000);
  assert.equal(first.discovery.report.name, 'restante.local');
  assert.equal(first.discovery.report.say, undefined);
  const { report } = second.discovery;
  assert.deepEqual([report.state, report.name], ['found', 'restante-2.local']);
  assert.match(
    report.say ?? '',
    /has the name restante\.local, or had it, so this box is found as restante-2/,
  );
  assert.ok(second.log.some(({ say }) => /eth0 is called restante\.local; trying/.test(say)));
  ask(network, 'Restante 2._pop3s._tcp.local', types.SRV);
  await network.pass(300);
  assert.deepEqual(
    network.said.map(({ from }) => from),
    ['10.0.0.2'],
  );
});

test('the name it took is its name after the next start, also when the other is gone', async () => {
  const network = new SmallNetwork();
  const other = network.box();
  await network.pass(5_000);
  const kept = new MemoryName();
  const box = network.box({ number: 7, kept });
  await network.pass(20_000);
  assert.deepEqual(kept.current, { wish: 'restante.local', turn: 2 });
  assert.equal(kept.writes, 1);
  await box.discovery.stop();
  await other.discovery.stop();
  const again = network.box({ number: 7, kept });
  await network.pass(20_000);
  assert.equal(again.discovery.report.name, 'restante-2.local');
  assert.match(again.discovery.report.say ?? '', /switch the setting discovery off and on/);
  again.on = false;
  await again.discovery.look();
  assert.equal(kept.current, undefined);
  again.on = true;
  await again.discovery.look();
  await network.pass(20_000);
  assert.equal(again.discovery.report.name, 'restante.local');
  assert.equal(again.discovery.report.say, undefined);
  assert.equal(kept.writes, 2);
});

test('with another host name it begins anew', async () => {
  const network = new SmallNetwork();
  const kept = new MemoryName();
  kept.current = { wish: 'restante.local', turn: 2 };
  const box = network.box({ hostName: 'post.local', kept });
  await network.pass(20_000);
  assert.equal(box.discovery.report.name, 'post.local');
});

/** Somebody who says of every name that is asked for that it is theirs. */
function greedy(network: SmallNetwork): { stop(): void } {
  const member = network.join('home', '10.0.0.66', (octets) => {
    const [asked] = decode(octets)?.authorities ?? [];
    if (asked === undefined) return;
    const answers = [{ ...asked, type: types.A, ttl: 120, data: Buffer.of(10, 0, 0, 66) }];
    member.tell(encode({ ...empty, response: true, answers }));
  });
  return { stop: () => void member.close() };
}

test('whoever disputes every name costs no writing, and a probe in five seconds (RFC 6762 §8.1)', async () => {
  const network = new SmallNetwork();
  const kept = new MemoryName();
  const other = greedy(network);
  const box = network.box({ kept });
  await network.pass(20_000);
  network.said.length = 0;
  await network.pass(60_000);
  const probes = network.said.filter(({ from }) => from === '10.0.0.1');
  assert.ok(probes.length <= 13, `${probes.length}`);
  assert.equal(kept.writes, 0);
  other.stop();
  await network.pass(30_000);
  assert.equal(box.discovery.report.state, 'found');
  assert.equal(kept.writes, 1);
});

test('of two that start at once, one has the name and the other the next', async () => {
  const network = new SmallNetwork();
  const boxes = [network.box(), network.box(), network.box()];
  await network.pass(15_000);
  const names = boxes.map(({ discovery }) => discovery.report.name).sort();
  assert.deepEqual(names, ['restante-2.local', 'restante-3.local', 'restante.local']);
  assert.ok(boxes.every(({ discovery }) => discovery.report.state === 'found'));
});

test('when two that have one name come together, one gives way', async () => {
  const network = new SmallNetwork();
  const here = network.box();
  const there = network.box({ wires: { eth0: 'elsewhere' } });
  await network.pass(5_000);
  assert.equal(here.discovery.report.name, there.discovery.report.name);
  // The second is carried into the house.
  const moved = network.box({ number: 2, wires: { eth0: 'home' } });
  await network.pass(10_000);
  const names = [here, moved].map(({ discovery }) => discovery.report.name).sort();
  assert.deepEqual(names, ['restante-2.local', 'restante.local']);
});

/** Of what was said: the records with this time to live. */
function told(network: SmallNetwork, from: string, isGoodbye: boolean): string[] {
  const own = network.said.filter((one) => one.from === from && one.message.response);
  const records = own.flatMap(({ message }) => message.answers);
  return [...new Set(records.filter(({ ttl }) => (ttl === 0) === isGoodbye).map(written))];
}

test('whoever gives way says goodbye to what was found under the old name, and not for the other', async () => {
  const network = new SmallNetwork();
  const box = network.box();
  await network.pass(5_000);
  const other = greedy(network);
  const [name, data] = [['restante', 'local'], Buffer.of(10, 0, 0, 66)];
  const a = { name, type: types.A, ttl: 120, unique: true, data };
  network.say('home', encode({ ...empty, response: true, answers: [a] }), nobody);
  await network.pass(1_000);
  other.stop();
  await network.pass(10_000);
  assert.notEqual(box.discovery.report.name, 'restante.local');
  const gone = told(network, '10.0.0.1', true);
  assert.ok(gone.includes('_pop3s._tcp.local PTR'), gone.join());
  assert.ok(!gone.some((one) => one.startsWith('restante.local')), gone.join());
});

test('a goodbye for what is still here is contradicted, once a second (RFC 6762 §6.6)', async () => {
  const network = new SmallNetwork();
  network.box();
  await network.pass(5_000);
  network.said.length = 0;
  const name = ['_pop3s', '_tcp', 'local'];
  const data = nameOctets(['Restante', ...name]);
  const goodbye = { name, type: types.PTR, ttl: 0, unique: false, data };
  const foreign = { ...goodbye, data: nameOctets(['Other', ...name]) };
  const fresh = { ...goodbye, ttl: 4_500 };
  for (const answers of [[foreign], [fresh]]) {
    network.say('home', encode({ ...empty, response: true, answers }), nobody);
  }
  await network.pass(2_000);
  assert.equal(network.said.length, 0);
  for (let count = 0; count < 100; count++) {
    network.say('home', encode({ ...empty, response: true, answers: [goodbye] }), nobody);
    await network.pass(50);
  }
  assert.deepEqual(told(network, '10.0.0.1', false), ['_pop3s._tcp.local PTR']);
  assert.ok(network.said.length >= 4 && network.said.length <= 6, `${network.said.length}`);
});

test('by cable and by radio in one network, it is no rival of its own', async () => {
  const network = new SmallNetwork();
  const box = network.box({ wires: { eth0: 'home', wlan0: 'home' } });
  await network.pass(10_000);
  const { state, name, networks } = box.discovery.report;
  assert.deepEqual([state, name, networks], ['found', 'restante.local', ['eth0', 'wlan0']]);
});

test('says goodbye, everything with a time to live of 0', async () => {
  const network = new SmallNetwork();
  const box = network.box();
  await network.pass(5_000);
  network.said.length = 0;
  await box.discovery.stop();
  const answers = network.said.flatMap(({ message }) => message.answers);
  assert.ok(answers.length > 8 && answers.every(({ ttl }) => ttl === 0));
  await network.pass(20_000);
  ask(network, 'restante.local', types.A);
  await network.pass(300);
  assert.equal(network.said.length, 0);
  assert.equal(network.clock.waiting, 0);
});

test('networks come, change and go', async () => {
  const network = new SmallNetwork();
  const box = network.box({ wires: { eth0: 'home', wlan0: 'radio' } });
  const both = box.interfaces;
  box.interfaces = { eth0: both['eth0'] };
  await network.pass(9_000);
  assert.deepEqual(box.discovery.report.networks, ['eth0']);
  box.interfaces = both;
  await network.pass(9_000);
  assert.deepEqual(box.discovery.report.networks, ['eth0', 'wlan0']);
  box.interfaces = { eth0: [infoOf('10.0.0.50')] };
  await network.pass(9_000);
  ask(network, 'restante.local', types.A);
  await network.pass(300);
  const [answer] = network.said.flatMap(({ message }) => message.answers);
  assert.deepEqual([...(answer?.data ?? [])], [10, 0, 0, 50]);
  box.interfaces = {};
  await network.pass(9_000);
  assert.equal(box.discovery.report.state, 'closed');
});

test('is silent when it is off, and when nothing listens on a network', async () => {
  const network = new SmallNetwork();
  const here = network.box({ listening: [{ name: 'pop3', address: '127.0.0.1', port: 2110 }] });
  await network.pass(9_000);
  assert.equal(here.discovery.report.state, 'closed');
  assert.equal(network.clock.waiting, 0);
  const box = network.box();
  box.on = false;
  await network.pass(9_000);
  assert.equal(box.discovery.report.state, 'off');
  assert.equal(network.said.length, 0);
  box.on = true;
  await box.discovery.look();
  await network.pass(3_000);
  assert.equal(box.discovery.report.state, 'found');
});

test('a hostile network costs a bounded number of answers and no crash', async () => {
  const network = new SmallNetwork();
  const box = network.box();
  await network.pass(5_000);
  network.said.length = 0;
  const all = ['_http', '_https', '_pop3s', '_submissions'].map((name) => {
    return { name: [name, '_tcp', 'local'], type: types.PTR };
  });
  for (let count = 0; count < 2_000; count++) {
    network.say('home', encode({ ...empty, questions: all }), nobody);
  }
  await network.pass(900);
  assert.ok(network.said.length <= 2, `${network.said.length}`);
  assert.equal(box.discovery.report.state, 'found');
});

test('whatever is said to it, it neither fails nor grows', async () => {
  const network = new SmallNetwork();
  const box = network.box();
  await network.pass(5_000);
  const random = new SeededRandom('hostile');
  const heard = network.said.map(({ message }) => encode(message));
  for (let round = 0; round < 3_000; round++) {
    const octets = Buffer.from(heard[round % heard.length] ?? '');
    for (let count = 0; count < 3; count++) {
      octets[random.octets(2).readUInt16BE() % octets.length] = random.octets(1)[0] ?? 0;
    }
    network.say('home', octets, round % 2 === 0 ? nobody : { ...nobody, port: 40_000 });
    if (round % 50 === 0) await network.pass(100);
  }
  await network.pass(60_000);
  assert.equal(box.discovery.report.state, 'found');
  assert.deepEqual(
    box.log.filter(({ level }) => level === 'error'),
    [],
  );
  assert.equal(network.clock.waiting, 1);
});
