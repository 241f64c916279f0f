/* DNS messages as octets: known ones, and whatever a network may send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressData,
  type DnsMessage,
  decode,
  encode,
  nameOctets,
  onlyTypes,
  serviceData,
  textData,
  types,
} from '#net/discovery/wire';
import { SeededRandom } from '../../../support/seeded-random.ts';

const host = ['restante', 'local'];
const instance = ['Ann’s box. No 1', '_pop3s', '_tcp', 'local'];
const message: DnsMessage = {
  ...{ id: 7, response: true, truncated: false },
  questions: [{ name: host, type: types.ANY }],
  answers: [
    { name: host, type: types.A, ttl: 120, unique: true, data: addressData('192.168.1.5') },
    { name: host, type: types.AAAA, ttl: 120, unique: true, data: addressData('fe80::1') },
    { name: instance, type: types.SRV, ttl: 120, unique: true, data: serviceData(995, host) },
  ],
  authorities: [{ name: instance, type: types.TXT, ttl: 4500, unique: false, data: textData([]) }],
  additionals: [
    {
      ...{ name: ['_pop3s', '_tcp', 'local'], type: types.PTR, ttl: 4_000_000_000, unique: false },
      data: nameOctets(instance),
    },
    { name: host, type: types.NSEC, ttl: 1, unique: true, data: onlyTypes(host, [types.A]) },
  ],
};

test('what was written is read', () => {
  assert.deepEqual(decode(encode(message)), message);
});

test('names that stood before are pointed at', () => {
  const text = encode(message).toString('latin1');
  // Once as a name, once in a question; three times in data, where nothing is compressed.
  assert.equal(text.split('restante').length - 1, 3);
});

test('pointers in data are followed (RFC 6762 §18.14: others do compress there)', () => {
  const name = nameOctets(host);
  const header = Buffer.from('000084000000000200000000', 'hex');
  const a = Buffer.concat([name, Buffer.from('000180010000007800040a000001', 'hex')]);
  const pointer = Buffer.from('035f7470c00c000c000100000e100002c00c', 'hex');
  const read = decode(
    Buffer.concat([header, a, Buffer.from([3, 0x5f, 0x74, 0x70]), pointer.subarray(4)]),
  );
  assert.deepEqual(read?.answers[1]?.data, name);
});

const addresses: readonly [string, string][] = [
  ['10.0.0.1', '0a000001'],
  ['::1', '00000000000000000000000000000001'],
  ['fe80::abcd:0', 'fe8000000000000000000000abcd0000'],
  ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
];
for (const [address, hex] of addresses) {
  test(`${address} as octets`, () => assert.equal(addressData(address).toString('hex'), hex));
}

const wrongs: readonly [string, string][] = [
  ['nothing', ''],
  ['half a header', '000000000001'],
  ['a question that is not there', '000000000001000000000000'],
  ['a name that points at itself', '000000000001000000000000c00c00ff0001'],
  ['a name that points ahead', '000000000001000000000000c01000ff000100'],
  ['a label beyond the end', '0000000000010000000000003f6100'],
  ['a label of a kind that is not defined', '0000000000010000000000004161000001'],
  ['data beyond the end', '000084000000000100000000016100000180010000007800ff0a'],
  ['an update, not a query', '000028000000000000000000'],
];
for (const [what, hex] of wrongs) {
  test(`${what} is no message`, () => {
    const read = decode(Buffer.from(hex, 'hex'));
    assert.equal(read, undefined);
  });
}

test('never throws, whatever comes', () => {
  const random = new SeededRandom('wire');
  const whole = encode(message);
  for (let round = 0; round < 20_000; round++) {
    const octets = Buffer.from(whole);
    for (let count = 0; count < 1 + (round % 6); count++) {
      const place = random.octets(2).readUInt16BE() % octets.length;
      octets[place] = random.octets(1)[0] ?? 0;
    }
    const read = decode(octets.subarray(0, random.octets(2).readUInt16BE() % (octets.length + 1)));
    assert.ok(read === undefined || read.questions.length <= 70_000);
  }
});

/** RFC 1035 §4.1.4: what stands at 12, as `count` questions or records that point there. */
function pointing(name: Buffer, type: number, count: number, response: boolean): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(response ? 0x8400 : 0, 2);
  header.writeUInt16BE(count, response ? 6 : 4);
  const about = Buffer.from([
    type >> 8,
    type & 0xff,
    0,
    1,
    ...(response ? [0, 0, 0, 9, 0, 0] : []),
  ]);
  const others = Array.from({ length: count - 1 }, () => [Buffer.of(0xc0, 12), about]).flat();
  return Buffer.concat([header, name, about, ...others]);
}

const services = nameOctets(['_services', '_dns-sd', '_udp', 'local']);
const longName = nameOctets(Array.from({ length: 126 }, () => 'a'));
const costly: readonly [string, Buffer][] = [
  ['one question 1,490 times', pointing(services, types.PTR, 1_490, false)],
  ['a name of 126 labels 1,400 times', pointing(longName, types.PTR, 1_400, false)],
  ['records of a name of 126 labels', pointing(longName, types.A, 720, true)],
];
for (const [what, octets] of costly) {
  test(`${what} cannot be read: it would take too long`, () => {
    assert.ok(octets.length <= 9_000, `${octets.length}`);
    assert.equal(decode(octets), undefined);
  });
}

test('the most that is sent at once is read', () => {
  const names = Array.from({ length: 120 }, (_, index) => [`_service-${index}`, '_tcp', 'local']);
  const known = Array.from({ length: 300 }, (_, index) => ({
    ...{ name: ['_http', '_tcp', 'local'], type: types.PTR, ttl: 4500, unique: false },
    data: nameOctets([`${index}`, '_http', '_tcp', 'local']),
  }));
  const questions = names.map((name) => ({ name, type: types.PTR }));
  const most = { ...message, response: false, questions, answers: known };
  assert.deepEqual(decode(encode(most)), most);
});
