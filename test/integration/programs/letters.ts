/*
 * Messages as the world sends them: proper ones, and those that test whether every octet comes
 * through. Also what POP3 has to make of them, written down a second time and as plainly as
 * possible, so that the box is not measured with its own yardstick.
 */
import { SeededRandom } from '../../support/seeded-random.ts';

export interface Letter {
  readonly name: string;
  readonly octets: Buffer;
}

const octetsFrom = (first: number, last: number) =>
  Buffer.from(Array.from({ length: last - first + 1 }, (_, index) => first + index));

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** Every octet but CR and LF, in lines of 64. */
const everyOctet = latin1(
  octetsFrom(0, 255)
    .toString('latin1')
    .replace(/[\r\n]/g, '')
    .replace(/.{64}/gs, '$&\r\n'),
);

/** Letters whose lines end in CR LF, all of them: any program can carry these. */
export const properLetters: readonly Letter[] = [
  { name: 'plain', octets: latin1('Subject: plain\r\n\r\nHello.\r\n') },
  { name: 'no body', octets: latin1('Subject: no body\r\n') },
  { name: 'an empty body', octets: latin1('Subject: an empty body\r\n\r\n') },
  { name: 'no header', octets: latin1('Just text.\r\nAnd more of it.\r\n') },
  { name: 'empty lines', octets: latin1('Subject: empty\r\n\r\n\r\n\r\n\r\n') },
  {
    name: 'dots everywhere',
    octets: latin1('Subject: dots\r\n\r\n.\r\n..\r\n...\r\n. \r\n.x\r\n\r\n.\r\n\r\n.\r\n'),
  },
  { name: 'a dot as its last line', octets: latin1('Subject: dot\r\n\r\nend\r\n.\r\n') },
  { name: 'a dotted header', octets: latin1('.Subject: dot\r\n.\r\n..\r\n') },
  {
    name: 'every octet',
    octets: Buffer.concat([latin1('Subject: octets\r\n\r\n'), everyOctet, latin1('\r\n')]),
  },
  {
    name: 'a line of 1 MB',
    octets: latin1(`Subject: long\r\n\r\n${'.long '.repeat(174_763)}\r\nend\r\n`),
  },
  {
    name: 'commands in it',
    octets: latin1('Subject: x\r\n\r\nQUIT\r\n+OK\r\n-ERR no\r\n250 OK\r\nRSET\r\n'),
  },
];

/** Letters with line ends that line protocols cannot carry as they are. */
export const unevenLetters: readonly Letter[] = [
  { name: 'no octet at all', octets: Buffer.alloc(0) },
  { name: 'no last line end', octets: latin1('Subject: x\r\n\r\nno end') },
  { name: 'a dot without line end', octets: latin1('Subject: x\r\n\r\n.') },
  { name: 'bare LF', octets: latin1('Subject: lf\n\none\n.\ntwo\n.\r\nthree\n.') },
  { name: 'bare CR', octets: latin1('Subject: cr\r\rone\r.\rtwo\r.\r\nthree\r.\r') },
  { name: 'LF . CR LF', octets: latin1('Subject: x\n\nstart\n.\r\nDELE 1\r\nQUIT\r\nend\n') },
  { name: 'CR . CR LF', octets: latin1('Subject: x\r\n\r\nstart\r.\r\nend\r\n') },
  { name: 'CR CR LF', octets: latin1('Subject: x\r\r\n\r\r\nx\r\r\n.\r\r\n') },
  { name: 'LF CR', octets: latin1('Subject: x\n\r\n\rx\n\r.\n\r') },
  { name: 'a CR as its last octet', octets: latin1('Subject: x\r\n\r\nend\r') },
];

/** 10 MB of octets as they fall, line ends among them as often as chance has it. */
export function bigLetter(): Buffer {
  const noise = new SeededRandom('big').octets(10_000_000);
  return Buffer.concat([latin1('Subject: big\r\n\r\n'), noise, latin1('\r\n')]);
}

/** RFC 1939 carries lines: a bare CR or LF arrives as CR LF, and so does a missing last one. */
export function asCollected(octets: Buffer): Buffer {
  const text = octets.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
  return latin1(text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`);
}

const trace =
  /^Return-Path: <[^>\r\n]*>\r\nReceived: from [^\r\n]+\r\n\tby [^\r\n]+\r\n\tid [^\r\n]+;\r\n\t[^\r\n]+\r\n/;

/** What was collected, without the two fields that the box puts on top (RFC 5321 §4.4). */
export function withoutTrace(collected: Buffer): Buffer {
  const text = collected.toString('latin1');
  const [fields = ''] = trace.exec(text) ?? [];
  if (fields === '') throw new Error(`no trace fields: ${JSON.stringify(text.slice(0, 300))}`);
  return collected.subarray(fields.length);
}
