/*
 * What tests of collecting share: letters that can be told apart, and the judgement over what came:
 * each letter of the source exactly once, octet for octet below the one field that the box adds.
 */
import assert from 'node:assert/strict';
import { Pop3Client } from '../../scripts/bench/pop3-client.ts';
import { password } from './outgoing-box.ts';

/** A letter like those in mailboxes: trace fields on top, sizes from nothing to some chunks of the
 * store, lines with dots, octets that are no ASCII, at times a line of 2,000 octets. */
export function letter(mark: string, number: number): Buffer {
  const filling = fillings[number % fillings.length] ?? '';
  return Buffer.from(
    [
      'Return-Path: <bob@example.net>',
      `Received: from mx.example.net ([192.0.2.7]) by mx.example.org with ESMTP id ${mark};`,
      '\tTue, 24 Nov 2026 10:00:00 +0000',
      'From: Bob <bob@example.net>',
      'To: ann@example.org',
      `Subject: ${mark}`,
      'Date: Tue, 24 Nov 2026 09:59:58 +0000',
      `Message-ID: <${mark}@example.net>`,
      '',
      `${filling}the end of ${mark}`,
      '',
    ].join('\r\n'),
  );
}

const fillings = [
  '',
  'Some text that fills a line of a letter.\r\n'.repeat(20),
  '.\r\n..\r\n.a dot\r\n',
  'Grüße aus Köln, 你好\r\n'.repeat(10),
  `${'x'.repeat(2_000)}\r\n`,
  'Some text that fills a line of a letter.\r\n'.repeat(3_000),
  '\r\n\r\n\r\n',
];

export function letters(prefix: string, count: number, from = 0): Buffer[] {
  return Array.from({ length: count }, (_, index) =>
    letter(`${prefix}${from + index}`, from + index),
  );
}

/** All of somebody's mail at the box, octet for octet; quick enough for tens of thousands. */
export async function mailAt(port: number, user: string): Promise<Buffer[]> {
  const client = await Pop3Client.open(port);
  await client.signIn(user, password);
  const count = Number((await client.command('STAT')).split(' ')[1]);
  const all: Buffer[] = [];
  for (let number = 1; number <= count; number += 1) {
    const pieces: Buffer[] = [];
    await client.listing(`RETR ${number}`, (octets) => void pieces.push(Buffer.from(octets)));
    // RFC 1939 §3: ends with a line of one dot; lines that begin with a dot have another.
    const sent = Buffer.concat(pieces)
      .toString('latin1')
      .replace(/\.\r\n$/, '');
    all.push(Buffer.from(sent.replace(/^\.\./gm, '.'), 'latin1'));
  }
  await client.command('QUIT');
  return all;
}

const received = /^Received: from [^\r]*\r\n(?:[ \t][^\r]*\r\n)+/;

/** The octets below the field that the box put on top. */
export function asItWas(message: Buffer): Buffer {
  const text = message.toString('latin1');
  const field = received.exec(text)?.[0] ?? '';
  assert.ok(
    field.includes('(source '),
    `a Received field of ours is on top: ${text.slice(0, 200)}`,
  );
  return message.subarray(field.length);
}

/** Fails unless the box has each of these exactly once, and nothing else. */
export function assertEachOnce(got: readonly Buffer[], wanted: readonly Buffer[]): void {
  assertAre(got.map(asItWas), wanted);
}

/** Fails unless these are those, in whatever order. */
export function assertAre(got: readonly Buffer[], wanted: readonly Buffer[]): void {
  const { missing, doubled, strange } = tally(got, wanted);
  assert.deepEqual({ missing, doubled, strange }, { missing: [], doubled: [], strange: [] });
}

/** Subjects of letters that are not there, there more than once, and there though nobody sent
 * them. */
export function tally(got: readonly Buffer[], wanted: readonly Buffer[]) {
  const left = new Map<string, number>();
  for (const one of wanted) count(left, one.toString('latin1'), 1);
  const extra: string[] = [];
  const known = new Set(left.keys());
  for (const one of got) {
    const text = one.toString('latin1');
    const times = left.get(text) ?? 0;
    if (times > 0) left.set(text, times - 1);
    else extra.push(text);
  }
  return {
    missing: [...left].filter(([, times]) => times > 0).map(([text]) => subjectOf(text)),
    doubled: extra.filter((text) => known.has(text)).map(subjectOf),
    strange: extra.filter((text) => !known.has(text)).map((text) => text.slice(0, 400)),
  };
}

function count(map: Map<string, number>, key: string, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}

function subjectOf(text: string): string {
  return /^Subject: (.*)\r$/m.exec(text)?.[1] ?? text.slice(0, 80);
}
