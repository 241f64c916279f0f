/*
 * Collecting from POP3 servers that misbehave, over real sockets: listings, messages, removal, and
 * what becomes of each in the words of the port.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Clock, SystemClock } from '#base/clock';
import { SystemRandom } from '#base/random';
import { patient } from '#collector/pop3/limits';
import { Pop3Connector } from '#collector/pop3-upstream';
import type { Listed, Receiver } from '#collector/upstream';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/net-peer.ts';
import {
  connected,
  connector,
  KeepingReceiver,
  listingOf,
  maildropOf,
  target,
} from '../support/pop3-peer.ts';
import {
  type Pop3Script,
  ScriptedPop3Server,
  type SourceMessage,
  silence,
} from '../support/scripted-pop3-server.ts';

const all = ['TOP', 'UIDL', 'USER', 'PIPELINING'];

function letters(count: number, octets = 'body\r\n'): SourceMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    uid: `uid${index + 1}`,
    octets: `Subject: ${index + 1}\r\n\r\n${octets}`,
  }));
}

async function collecting(script: Pop3Script, clock: Clock = new SystemClock()) {
  const server = await ScriptedPop3Server.listen(script);
  const upstream = await connected(server.port, {}, clock);
  const folder = await maildropOf(upstream);
  return {
    server,
    upstream,
    folder,
    async [Symbol.asyncDispose]() {
      upstream.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Fetches by number into receivers that keep everything. */
async function fetchAll(
  at: Awaited<ReturnType<typeof collecting>>,
  numbers: readonly number[],
  got = new Map<number, KeepingReceiver>(),
) {
  const wanted = numbers.map((number): Listed => ({ uid: `uid${number}`, number, octets: 20 }));
  const result = await at.folder.fetch(wanted, ({ number }) => {
    const receiver = new KeepingReceiver();
    got.set(number, receiver);
    return receiver;
  });
  return { result, got, outcomes: outcomesOf(got) };
}

function outcomesOf(got: ReadonlyMap<number, KeepingReceiver>): string[] {
  return [...got].map(([number, { outcome }]) => `${number} ${outcome}`);
}

test('listing, fetching, removing: the usual', async () => {
  for (const offers of [all, ['TOP', 'UIDL'], 'none'] as const) {
    await using at = await collecting({ offers, messages: letters(40) });
    const { folder, server, upstream } = at;
    assert.equal(folder.messages, 40);
    const listing = await listingOf(folder);
    assert.ok(typeof listing !== 'string');
    assert.deepEqual(listing[0], { uid: 'uid1', number: 1, octets: 20 });
    assert.equal(listing.length, 40);
    assert.deepEqual(await folder.has('uid40'), { ok: true, value: true });
    assert.deepEqual(await folder.has('uid41'), { ok: true, value: false });
    const { result, got, outcomes } = await fetchAll(at, [3, 1, 40]);
    assert.ok(result.ok);
    assert.deepEqual(outcomes, ['3 whole', '1 whole', '40 whole']);
    assert.equal(got.get(40)?.octets.toString(), 'Subject: 40\r\n\r\nbody\r\n');
    assert.ok((await folder.remove(listing.slice(0, 39))).ok);
    assert.equal(server.messages.length, 40);
    assert.deepEqual(await upstream.close(), { ok: true, value: undefined });
    assert.deepEqual(
      server.messages.map(({ uid }) => uid),
      ['uid40'],
    );
    // Only who offers PIPELINING is sent commands ahead of their answers.
    const ahead = server.sessions[0]?.ahead ?? 0;
    assert.ok(offers === all ? ahead > 4 && ahead <= 16 : ahead === 1, `${offers}: ${ahead}`);
  }
});

test('requests ahead are bounded by their octets', async () => {
  await using at = await collecting({ offers: all, messages: letters(20) });
  const wanted = Array.from({ length: 20 }, (_, index): Listed => {
    return { uid: '', number: index + 1, octets: 100_000 };
  });
  assert.ok((await at.folder.fetch(wanted, () => new KeepingReceiver())).ok);
  assert.equal(at.server.sessions[0]?.ahead, 2);
});

test('a maildrop with nothing in it is not asked for a list', async () => {
  await using at = await collecting({ offers: 'none' });
  assert.deepEqual(await listingOf(at.folder), []);
  assert.doesNotMatch(at.server.commands.join(), /LIST|UIDL/);
});

test('pages', async () => {
  await using at = await collecting({ offers: all, messages: letters(2500, '') });
  const sizes: number[] = [];
  for await (const page of at.folder.list(0)) sizes.push(page.ok ? page.value.length : -1);
  assert.deepEqual(sizes, [1000, 1000, 500]);
});

test('unique-ids that are there more than once prove nothing, and are told apart', async () => {
  const messages = ['a', 'b', 'a', 'c', 'a'].map((uid) => ({ uid, octets: 'x: y\r\n\r\n' }));
  await using at = await collecting({ messages });
  const listing = await listingOf(at.folder);
  assert.ok(typeof listing !== 'string');
  assert.deepEqual(
    listing.map(({ uid, ambiguous }) => [uid, ambiguous === true]),
    [
      ['a', true],
      ['b', false],
      ['a 2', true],
      ['c', false],
      ['a 3', true],
    ],
  );
});

test('a server without UIDL: what TOP shows stands for it', async () => {
  const messages = letters(3).map(({ octets }, index) => ({ uid: '', octets, listed: index }));
  const same = { uid: '', octets: messages[0]?.octets ?? '' };
  await using at = await collecting({
    offers: ['TOP', 'PIPELINING'],
    messages: [...messages, same],
    answer: ({ at: moment, number }) => {
      if (moment === 'uidl') return '-ERR unknown';
      // More than was asked for: what is below the blank line does not count.
      if (moment === 'top' && number === 2) return '+OK\nSubject: 2\n\nbody\nbody\n.';
      return moment === 'top' && number === 3 ? '-ERR [SYS/TEMP] not now' : undefined;
    },
  });
  const id = (header: string) => `head:${createHash('sha256').update(header).digest('base64url')}`;
  assert.deepEqual(await listingOf(at.folder), [
    { uid: id('Subject: 1\r\n\r\n'), number: 1, octets: 0, ambiguous: true },
    { uid: id('Subject: 2\r\n\r\n'), number: 2, octets: 1 },
    { uid: 'head: 3', number: 3, octets: 2, ambiguous: true },
    { uid: `${id('Subject: 1\r\n\r\n')} 2`, number: 4, octets: 20, ambiguous: true },
  ]);
});

test('LIST that is refused: sizes are not known', async () => {
  const answer: Pop3Script['answer'] = ({ at }) => (at === 'list' ? '-ERR no' : undefined);
  await using at = await collecting({ messages: letters(1), answer });
  assert.deepEqual(await listingOf(at.folder), [{ uid: 'uid1', number: 1, octets: 0 }]);
});

test('LIST and UIDL that name other messages', async () => {
  const answer: Pop3Script['answer'] = ({ at }) => {
    if (at === 'list') return '+OK\n1 10\n3 30\n5 50\n.';
    return at === 'uidl' ? '+OK\n2 b\n3 c\n4 d\n.' : undefined;
  };
  await using at = await collecting({ messages: letters(3), answer });
  assert.deepEqual(await listingOf(at.folder), [
    { uid: 'b', number: 2, octets: 0 },
    { uid: 'c', number: 3, octets: 30 },
    { uid: 'd', number: 4, octets: 0 },
  ]);
});

function* endlessList(line: (number: number) => string): Generator<string> {
  yield '+OK\r\n';
  for (let number = 1; ; number += 1000) {
    yield Array.from({ length: 1000 }, (_, index) => `${line(number + index)}\r\n`).join('');
  }
}

const listings: readonly (readonly [string, Pop3Script['answer'], RegExp])[] = [
  [
    'an endless list of messages',
    ({ at }) =>
      at === 'uidl' ? { stream: endlessList((number) => `${number} x${number}`) } : undefined,
    /^broken: the answer to UIDL does not end$/,
  ],
  [
    'an endless line',
    ({ at }) => (at === 'list' ? { stream: endlessOctets('+OK\r\n1 ') } : undefined),
    /^broken: the server sends a line that does not end$/,
  ],
  [
    'numbers that go backwards',
    ({ at }) => (at === 'uidl' ? '+OK\n1 a\n3 b\n2 c\n.' : undefined),
    /^broken: the answer to UIDL makes no sense: "2 c"$/,
  ],
  [
    'a number twice',
    ({ at }) => (at === 'list' ? '+OK\n1 10\n1 10\n.' : undefined),
    /^broken: the answer to LIST makes no sense: "1 10"$/,
  ],
  [
    'lines that are none',
    ({ at }) => (at === 'uidl' ? '+OK\n<html>\n.' : undefined),
    /^broken: the answer to UIDL makes no sense: "<html>"$/,
  ],
  [
    'no answer at all',
    ({ at }) => (at === 'uidl' ? silence : undefined),
    /^broken: no answer for 180 s$/,
  ],
  [
    'half a list',
    ({ at }) => (at === 'uidl' ? { raw: '+OK\r\n1 a\r\n2' } : undefined),
    /^broken: no answer for 180 s$/,
  ],
  [
    'half a list, and the end',
    ({ at }) => (at === 'uidl' ? { raw: '+OK\r\n1 a\r\n', drop: 'end' } : undefined),
    /^broken: the server hung up$/,
  ],
  [
    'a refusal',
    ({ at }) => (at === 'uidl' ? '-ERR [SYS/TEMP] not now' : undefined),
    /^later: \[SYS\/TEMP\] not now$/,
  ],
  [
    'a maildrop too large for any list',
    ({ at }) => (at === 'stat' ? '+OK 250001 1' : undefined),
    /^broken: there are 250001 messages, more than can be listed$/,
  ],
];

for (const [name, answer, becomes] of listings) {
  test(`a listing: ${name}`, async () => {
    const script: Pop3Script = { offers: all, messages: letters(3) };
    if (answer !== undefined) Object.assign(script, { answer });
    const clock = new FakeClock();
    const isSilent = becomes.source.includes('no answer');
    await using at = await collecting(script, isSilent ? clock : new SystemClock());
    const listing = listingOf(at.folder);
    if (isSilent) await until('the silence', () => at.server.commands.includes('UIDL'));
    assert.match(`${await (isSilent ? clock.passUntil(listing) : listing)}`, becomes);
    if (!becomes.source.startsWith('^broken')) return;
    // What is broken stays so.
    assert.match(`${await listingOf(at.folder)}`, /^broken/);
    assert.equal((await fetchAll(at, [1])).result.ok, false);
    assert.equal((await at.upstream.close()).ok, false);
  });
}

function* endlessOctets(begin: string): Generator<string> {
  yield begin;
  const piece = 'x'.repeat(65_536);
  for (;;) yield piece;
}

test('one message that is listed and not given: the others come', async () => {
  for (const offers of [all, ['UIDL']]) {
    const answer: Pop3Script['answer'] = ({ at, number }) => {
      return at === 'retr' && number === 2 ? '-ERR [SYS/PERM] damaged' : undefined;
    };
    await using at = await collecting({ offers, messages: letters(3), answer });
    const { result, outcomes } = await fetchAll(at, [1, 2, 3]);
    assert.ok(result.ok);
    assert.deepEqual(outcomes, ['1 whole', '2 missing: [SYS/PERM] damaged', '3 whole']);
  }
});

const fetches: readonly (readonly [string, Pop3Script['answer'], RegExp, RegExp])[] = [
  [
    'the connection breaks within a message',
    ({ at, number }) =>
      at === 'retr' && number === 2 ? { raw: '+OK\r\nhalf', drop: 'reset' } : undefined,
    /reset|hung up/i,
    // A reset may overtake what was sent before it.
    /^(1 (whole|begun))?(,2 begun)?$/,
  ],
  [
    'the connection ends within a message, before its "."',
    ({ at, number }) =>
      at === 'retr' && number === 2 ? { raw: '+OK\r\nhalf\r\n', drop: 'end' } : undefined,
    /^the server hung up$/,
    /^1 whole,2 begun$/,
  ],
  [
    'silence within a message',
    ({ at, number }) => (at === 'retr' && number === 3 ? { raw: '+OK\r\nhalf\r\n.' } : undefined),
    /^no answer for 180 s$/,
    /^1 whole,2 whole,3 begun$/,
  ],
  [
    'silence in place of a message',
    ({ at, number }) => (at === 'retr' && number === 2 ? silence : undefined),
    /^no answer for 180 s$/,
    /^1 whole$/,
  ],
  [
    'nonsense in place of a message',
    ({ at, number }) => (at === 'retr' && number === 2 ? 'Subject: where is +OK?' : undefined),
    /^the server said "Subject: where is \+OK\?" in place of \+OK or -ERR$/,
    /^1 whole$/,
  ],
  [
    'octets behind the end of a message that nobody asked for',
    ({ at, number }) =>
      at === 'retr' && number === 3 ? { raw: '+OK\r\na\r\n.\r\nb\r\n.\r\n' } : undefined,
    /^$/,
    /^1 whole,2 whole,3 whole$/,
  ],
];

for (const [name, answer, detail, expected] of fetches) {
  test(`fetching: ${name}`, async () => {
    const script: Pop3Script = { offers: all, messages: letters(3) };
    if (answer !== undefined) Object.assign(script, { answer });
    const clock = new FakeClock();
    const isSilent = detail.source.includes('no answer');
    await using at = await collecting(script, isSilent ? clock : new SystemClock());
    const got = new Map<number, KeepingReceiver>();
    const fetching = fetchAll(at, [1, 2, 3], got);
    if (isSilent) await until('the silence', () => expected.test(outcomesOf(got).join()));
    const { result, outcomes } = await (isSilent ? clock.passUntil(fetching) : fetching);
    assert.match(result.ok ? '' : result.error.detail, detail);
    assert.equal(result.ok || result.error.kind === 'broken', true);
    assert.match(outcomes.join(), expected);
    if (!result.ok) await until('the end', () => at.server.sessions[0]?.closed === true);
  });
}

test('a server that talks out of turn is not believed the next time', async () => {
  await using at = await collecting({ messages: letters(1) });
  at.server.sessions[0]?.say('-ERR [SYS/TEMP] going down\r\n');
  await until('the end', () => at.server.sessions[0]?.closed === true);
  const closed = await at.upstream.close();
  assert.match(closed.ok ? '' : closed.error.detail, /unasked: "-ERR \[SYS\/TEMP\] going down"/);
});

test('a receiver that wants no more: the message passes, the next one comes', async () => {
  const big = `Subject: big\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(3_000_000, 'y\r\n');
  const messages = [{ uid: 'big', octets: `${big}\r\n` }, ...letters(1)];
  for (const offers of [all, ['UIDL']]) {
    await using at = await collecting({ offers, messages });
    const got: string[] = [];
    let octets = 0;
    const result = await at.folder.fetch(
      [1, 2].map((number) => ({ uid: '', number, octets: 10 })),
      ({ number }): Receiver => ({
        write: (piece) => {
          octets += piece.length;
          return number === 2;
        },
        end: () => void got.push(`${number} ended`),
        missing: () => void got.push(`${number} missing`),
      }),
    );
    assert.ok(result.ok);
    assert.deepEqual(got, ['2 ended']);
    assert.ok(octets < 100_000);
  }
});

test('a message that never ends and that nobody wants breaks the connection', async () => {
  let sent = 0;
  await using at = await collecting({
    messages: letters(1),
    answer: ({ at: moment }) => {
      if (moment !== 'retr') return undefined;
      const counted = function* () {
        for (const piece of endlessOctets('+OK\r\n')) {
          sent += piece.length;
          yield piece;
        }
      };
      return { stream: counted() };
    },
  });
  let taken = 0;
  const result = await at.folder.fetch([{ uid: '', number: 1, octets: 20 }], () => ({
    write(octets) {
      taken += octets.length;
      return taken < 1_000_000;
    },
    end: () => assert.fail('ended'),
    missing: () => assert.fail('missing'),
  }));
  assert.deepEqual(result, {
    ok: false,
    error: { kind: 'broken', detail: 'message 1 does not end' },
  });
  assert.ok(taken < 2_000_000 && sent < 100_000_000, `${taken} ${sent}`);
});

test('while a receiver is busy nothing is read, and no time runs', async () => {
  let sent = 0;
  const clock = new FakeClock();
  await using at = await collecting(
    {
      messages: letters(1),
      answer: ({ at: moment }) => {
        if (moment !== 'retr') return undefined;
        const counted = function* () {
          yield '+OK\r\n';
          for (; sent < 50_000_000; sent += 65_536) yield Buffer.alloc(65_536, 'line\r\n');
          yield '\r\n.\r\n';
        };
        return { stream: counted() };
      },
    },
    clock,
  );
  const busy = Promise.withResolvers<boolean>();
  let begun = false;
  let ended = false;
  let octets = 0;
  let largest = 0;
  const fetching = at.folder.fetch([{ uid: '', number: 1, octets: 20 }], () => ({
    write(piece) {
      octets += piece.length;
      largest = Math.max(largest, piece.length);
      if (begun) return true;
      begun = true;
      return busy.promise;
    },
    end: () => {
      ended = true;
    },
    missing: () => assert.fail('missing'),
  }));
  await until('the first octets', () => begun);
  let held = -1;
  let steady = 0;
  await until('nothing moves any more', () => {
    steady = sent === held ? steady + 1 : 0;
    held = sent;
    return steady > 200;
  });
  // Longer than the server may be silent.
  clock.advance(2 * patient.answer);
  assert.ok(held < 20_000_000, `${held} octets were sent to a receiver that does not take them`);
  busy.resolve(true);
  assert.ok((await fetching).ok);
  assert.ok(ended && octets >= 50_000_000);
  // What was read meanwhile would come in one piece.
  assert.ok(largest <= 262_144, `${largest} octets were held`);
});

test('a message may take longer than any silence', async () => {
  const clock = new FakeClock();
  await using server = await ScriptedPop3Server.listen({
    messages: letters(1),
    answer: ({ at }) => (at === 'retr' ? { raw: '+OK\r\n' } : undefined),
  });
  const pop3 = new Pop3Connector({ clock, random: new SystemRandom() });
  const connecting = await pop3.connect(target(server.port));
  assert.ok(connecting.ok);
  const folder = await maildropOf(connecting.value);
  let octets = 0;
  const receiver: Receiver = {
    write(piece) {
      octets += piece.length;
      return true;
    },
    end() {},
    missing() {},
  };
  const fetching = folder.fetch([{ uid: '', number: 1, octets: 20 }], () => receiver);
  for (let piece = 1; piece <= 5; piece++) {
    await until('the request', () => server.commands.at(-1) === 'RETR 1');
    server.sessions[0]?.say('x'.repeat(2_000));
    await until('a piece', () => octets === 2_000 * piece);
    clock.advance(patient.answer - 1);
  }
  server.sessions[0]?.say('\r\n.\r\n');
  assert.ok((await fetching).ok);
  await connecting.value.close();
});

test('no message begins before the end of the last one is done', async () => {
  await using at = await collecting({ offers: all, messages: letters(3) });
  const order: string[] = [];
  const wanted = [1, 2, 3].map((number) => ({ uid: '', number, octets: 20 }));
  const result = await at.folder.fetch(wanted, ({ number }) => {
    order.push(`begin ${number}`);
    return {
      write: () => true,
      async end() {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`end ${number}`);
      },
      missing() {},
    };
  });
  assert.ok(result.ok);
  assert.deepEqual(order, ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
});

test('a receiver that throws is a bug: it comes out, and the connection ends', async () => {
  for (const late of [false, true]) {
    await using at = await collecting({ messages: letters(1) });
    const fetching = at.folder.fetch([{ uid: '', number: 1, octets: 20 }], () => ({
      write() {
        if (late) return Promise.reject(new Error('a bug'));
        throw new Error('a bug');
      },
      end() {},
      missing() {},
    }));
    await assert.rejects(fetching, /a bug/);
    assert.equal((await at.upstream.close()).ok, false);
  }
});

test('a connection that drips is given up', async () => {
  const clock = new FakeClock();
  const answer: Pop3Script['answer'] = ({ at: moment }) =>
    moment === 'retr' ? { raw: '+OK\r\n' } : undefined;
  await using at = await collecting({ messages: letters(1), answer }, clock);
  let isOver = false;
  const fetching = fetchAll(at, [1]).finally(() => {
    isOver = true;
  });
  await until('the request', () => at.server.commands.at(-1) === 'RETR 1');
  await until('the end', () => {
    at.server.sessions[0]?.say('x');
    clock.advance(patient.answer / 4);
    return isOver;
  });
  const { result } = await fetching;
  assert.match(result.ok ? '' : result.error.detail, /no answer/);
});

test('header sections: cut, refused, or not to be had', async () => {
  const long = `Subject: 2\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`;
  const messages = [...letters(1), { uid: 'b', octets: long }, ...letters(1)];
  const answer: Pop3Script['answer'] = ({ at, number }) => {
    return at === 'top' && number === 3 ? '-ERR no such message' : undefined;
  };
  const header = (number: number) => ({ uid: '', number, octets: 0 });
  await using at = await collecting({ messages, answer });
  const first = await at.folder.header(header(1));
  assert.equal(first.ok && first.value?.toString(), 'Subject: 1\r\n\r\n');
  const second = await at.folder.header(header(2));
  assert.equal(second.ok && second.value?.length, 65_536);
  const third = await at.folder.header(header(3));
  assert.deepEqual(third, { ok: false, error: { kind: 'refused', detail: 'no such message' } });

  const noTop: Pop3Script['answer'] = ({ at: moment }) =>
    moment === 'top' ? '-ERR what?' : undefined;
  await using old = await collecting({ offers: 'none', messages, answer: noTop });
  for (const number of [1, 2]) {
    assert.deepEqual(await old.folder.header(header(number)), { ok: true, value: undefined });
  }
  assert.equal(old.server.commands.filter((line) => line.startsWith('TOP')).length, 1);

  const whole: Pop3Script['answer'] = ({ at: moment }) => {
    return moment === 'top' ? { stream: endlessOctets('+OK\r\nSubject: x\r\n\r\n') } : undefined;
  };
  await using endless = await collecting({ messages, answer: whole });
  const never = await endless.folder.header(header(1));
  assert.match(never.ok ? '' : never.error.detail, /the answer to TOP does not end/);
});

test('wherever the connection is cut, nothing half is taken for whole', async () => {
  const messages = [...letters(3, '.dots\r\n.\r\n'), { uid: 'e', octets: '' }, ...letters(2)];
  await using server = await ScriptedPop3Server.listen({ offers: all, messages });
  const octetsOf = (number: number) => Buffer.from(messages[number - 1]?.octets ?? '');
  let whole = 0;
  for (let cut = 1; whole === 0; cut += 7) {
    await using proxy = await CuttingProxy.listen(server.port, () => cut);
    const connecting = await connector().connect(target(proxy.port));
    if (!connecting.ok) {
      assert.match(connecting.error.code, /^(ECLOSED|ECONNRESET)$/);
      continue;
    }
    const folder = await maildropOf(connecting.value);
    const listing = await listingOf(folder);
    if (typeof listing === 'string') {
      assert.match(listing, /^broken: /);
      continue;
    }
    assert.equal(listing.length, messages.length);
    const got = new Map<number, KeepingReceiver>();
    const fetched = await folder.fetch(listing, ({ number }) => {
      const receiver = new KeepingReceiver();
      got.set(number, receiver);
      return receiver;
    });
    for (const [number, { outcome, octets }] of got) {
      const right = octetsOf(number);
      if (outcome === 'whole') assert.deepEqual(octets, right);
      else assert.deepEqual(octets, right.subarray(0, octets.length), outcome);
      assert.ok(outcome === 'whole' || (outcome === 'begun' && !fetched.ok), outcome);
    }
    assert.equal(
      fetched.ok,
      [...got.values()].filter((one) => one.outcome === 'whole').length === 6,
    );
    const closed = await connecting.value.close();
    if (closed.ok) whole = cut;
  }
  assert.ok(whole > 400, `${whole}`);
});

test('removal counts when QUIT is answered with +OK, and not else', async () => {
  const quits: [Pop3Script['answer'], RegExp, number][] = [
    [() => undefined, /^$/, 2],
    [({ at }) => (at === 'quit' ? '-ERR some not removed' : undefined), /^refused some not/, 3],
    [({ at }) => (at === 'quit' ? silence : undefined), /^broken no answer/, 3],
    [({ at }) => (at === 'quit' ? { drop: 'end' } : undefined), /^broken the server hung up/, 3],
    [({ at }) => (at === 'dele' ? '-ERR read only' : undefined), /^$/, 3],
  ];
  for (const [answer, becomes, left] of quits) {
    const script: Pop3Script = { messages: letters(3) };
    if (answer !== undefined) Object.assign(script, { answer });
    const clock = new FakeClock();
    const isSilent = becomes.source.includes('no answer');
    await using at = await collecting(script, isSilent ? clock : new SystemClock());
    const removed = await at.folder.remove([{ uid: 'uid1', number: 1, octets: 20 }]);
    assert.equal(
      removed.ok ? '' : removed.error.detail,
      left === 3 && becomes.test('') ? 'read only' : '',
    );
    const closing = at.upstream.close();
    if (isSilent) await until('the silence', () => at.server.commands.includes('QUIT'));
    const closed = await (isSilent ? clock.passUntil(closing) : closing);
    assert.match(closed.ok ? '' : `${closed.error.kind} ${closed.error.detail}`, becomes);
    assert.equal(at.server.messages.length, left);
  }
});

test('a connection that is aborted removes nothing', async () => {
  await using at = await collecting({ messages: letters(3) });
  assert.ok((await at.folder.remove([{ uid: 'uid1', number: 1, octets: 20 }])).ok);
  at.upstream.abort();
  await until('the end', () => at.server.sessions[0]?.closed === true);
  assert.equal(at.server.messages.length, 3);
  assert.doesNotMatch(at.server.commands.join(), /QUIT/);
});

test('POP3 has one folder, and tells of nothing by itself', async () => {
  await using at = await collecting({});
  assert.deepEqual(await at.upstream.open('Sent'), {
    ok: false,
    error: { kind: 'refused', detail: 'POP3 has no folders' },
  });
  assert.deepEqual(await at.upstream.folderNames(), { ok: true, value: [] });
  assert.equal(at.upstream.facts.tells, false);
  const enough = new AbortController();
  const waiting = at.upstream.changed(enough.signal);
  enough.abort();
  assert.deepEqual(await waiting, { ok: true, value: 'quiet' });
  const broken = at.upstream.changed(new AbortController().signal);
  at.server.sessions[0]?.cut();
  assert.equal((await broken).ok, false);
});
