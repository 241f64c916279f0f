/* The lines of the serial panel, and its program for Espruino, without any line. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runInContext } from 'node:vm';
import {
  clockModulus,
  heartbeat,
  heldFor,
  helloLine,
  LineSplitter,
  lampsLine,
  lampsThatFit,
  longestLine,
  readLampsLine,
  readPanelLine,
  silence,
} from '#hardware/drivers/serial/panel-protocol';
import type { Lamps } from '#panel/panel';
import { litAt, rhythms } from '#panel/patterns';
import { runPanel } from '../../../support/espruino.ts';

const rows: readonly [line: string, read: unknown][] = [
  ['panel 1', { kind: 'panel', version: 1, text: '' }],
  ['panel 2 Espruino PICO_R1_3', { kind: 'panel', version: 2, text: 'Espruino PICO_R1_3' }],
  ['down flush 12', { kind: 'button', button: 'flush', down: true, at: 12 }],
  ['up flush 999999999', { kind: 'button', button: 'flush', down: false, at: 999_999_999 }],
  ['up flush 1000000000', undefined],
  ['up flush -1', undefined],
  ['up flush', undefined],
  ['up flush 1 2', undefined],
  ['down  flush 12', undefined],
  ['Down flush 12', undefined],
  ['>down flush 12', undefined],
  ['panel', undefined],
  ['panel one', undefined],
  ['lamps mail=on', undefined],
  ['', undefined],
];

for (const [line, read] of rows) {
  test(`from the panel: ${JSON.stringify(line)}`, () => {
    assert.deepEqual(readPanelLine(line), read);
  });
}

test('lamps there and back', () => {
  const lamps: Lamps = new Map([
    ['mail', 'on'],
    ['mail.j\u00fcrgen', 'off'],
    ['queue', 'fast'],
  ]);
  const line = lampsLine(lamps);
  assert.equal(line, 'lamps mail=on queue=fast mail.j%C3%BCrgen=off\n');
  assert.deepEqual(readLampsLine(line.trim()), lamps);
});

test('lamps of more accounts than a line holds: the box itself comes first', () => {
  const names = Array.from({ length: 40 }, (_, index) => `mail.person${index}`);
  const lamps: Lamps = new Map([
    ['mail', 'on'],
    ...names.map((name) => [name, 'off'] as const),
    ['queue', 'fast'],
    ['status', 'pulse'],
  ]);
  const line = lampsLine(lamps).trimEnd();
  assert.ok(line.length <= longestLine, `${line.length} octets`);
  const read = readLampsLine(line) ?? new Map();
  assert.deepEqual([...read.keys()].slice(0, 4), ['mail', 'queue', 'status', 'mail.person0']);
  assert.equal(read.size, lampsThatFit(lamps).size);
  assert.ok(read.size < lamps.size);
});

test('octets into lines, wherever they are cut', () => {
  const sent = `\x1b[J>\r\ndown flush 1\n\n${'x'.repeat(5_000)}down flush 2\nup flush 3\r\nhalf`;
  const whole = new LineSplitter().push(Buffer.from(sent));
  assert.deepEqual(whole, ['\x1b[J>', 'down flush 1', 'up flush 3']);
  const splitter = new LineSplitter();
  const pieces = [...Buffer.from(sent)].flatMap((octet) => splitter.push(Buffer.of(octet)));
  assert.deepEqual(pieces, whole);
});

const lengths: readonly [name: string, down: number, up: number, here: number, held: number][] = [
  ['as the panel counted', 1_000, 4_100, 4_100, 3_100],
  ['the box or the line was slow', 1_000, 1_200, 9_000, 200],
  ['the up came a little early', 1_000, 4_100, 3_000, 3_100],
  ['the panel began anew to count', clockModulus - 100, 100, 200, 200],
  ['the panel was exchanged meanwhile', 5_000, 3_000, 700, 700],
];

for (const [name, down, up, here, held] of lengths) {
  test(`the length of a press: ${name}`, () => {
    assert.equal(heldFor(down, up, here), held);
  });
}

test('a panel that misses two heartbeats is not dark yet', () => {
  assert.ok(silence > 2 * heartbeat);
});

/** panel.js with a clock that is turned by hand. */
function panel() {
  const said: string[] = [];
  const levels = new Map<string, number>();
  let now = 100;
  let came = (_text: string) => {};
  const line = {
    print: (text: string) => said.push(text),
    on: (_data: 'data', take: (text: string) => void) => {
      came = take;
    },
  };
  const { world, set } = runPanel(
    line,
    (pin, level) => levels.set(pin, level),
    () => now,
  );
  return {
    said,
    levels,
    set,
    world,
    later: (seconds: number) => {
      now += seconds;
      runInContext('tick()', world);
    },
    say: (text: string) => came(text),
  };
}

test('panel.js blinks as the table of patterns says', () => {
  const { world } = panel();
  const own = JSON.parse(JSON.stringify(runInContext('RHYTHMS', world)));
  const wanted = Object.entries(rhythms).filter(([, { lit }]) => lit > 0);
  assert.deepEqual(own, Object.fromEntries(wanted.map(([name, r]) => [name, [r.lit, r.dark]])));
  for (const pattern of Object.keys(rhythms) as (keyof typeof rhythms)[]) {
    for (const ms of [0, 99, 100, 125, 999, 1_000, 2_000, 12_345]) {
      const lit = runInContext(`isLit('${pattern}', ${ms})`, world);
      assert.equal(lit, litAt(pattern, ms), `${pattern} at ${ms}`);
    }
  }
});

test('panel.js says hello, and again when the box does', () => {
  const { said, say } = panel();
  say('restan');
  say('te 1\nlamps mail=on\n');
  assert.deepEqual(said, ['\npanel 1 Espruino STAND_IN\n', '\npanel 1 Espruino STAND_IN\n']);
  for (const line of said) assert.equal(readPanelLine(line.trim())?.kind, 'panel');
});

test('panel.js tells a press with its times', () => {
  const { said, set, later } = panel();
  later(1.5);
  set('B10', 0);
  later(0.2);
  set('B10', 1);
  assert.deepEqual(said.slice(1), ['down flush 1500\n', 'up flush 1700\n']);
});

test('panel.js goes dark when the box is silent, and not before', () => {
  const { levels, say, later } = panel();
  say('lamps mail=on queue=off status=on mail.ann=on\n');
  assert.deepEqual(Object.fromEntries(levels), { B3: 1, B4: 0, B5: 1 });
  later(5.9);
  assert.equal(levels.get('B3'), 1);
  later(0.2);
  assert.deepEqual(Object.fromEntries(levels), { B3: 0, B4: 0, B5: 0 });
});

test('a board that starts anew in the middle of a line is heard all the same', () => {
  const splitter = new LineSplitter();
  assert.deepEqual(splitter.push(Buffer.from('down flu')), []);
  const { said } = panel();
  const [, hello = ''] = splitter.push(Buffer.from(said.join('')));
  assert.equal(readPanelLine(hello)?.kind, 'panel');
});

test('a box that starts anew in the middle of a line is heard all the same', () => {
  const { said, say, levels } = panel();
  say('lamps mail=o');
  say(helloLine);
  assert.equal(said.length, 2);
  say('lamps mail=on\r\n');
  assert.equal(levels.get('B3'), 1);
});

test('panel.js survives noise', () => {
  const { levels, say } = panel();
  say('lamps\nlamps =\nlamps mail\nlamps mail=\nlamps queue=sideways __proto__=on\n\0\xff\n');
  assert.deepEqual(Object.fromEntries(levels), { B3: 0, B4: 0, B5: 0 });
  say('x'.repeat(10_000));
  say('\nlamps mail=on\n');
  assert.equal(levels.get('B3'), 1);
});

test('PROTOCOL.md tells the patterns as they are', () => {
  const at = new URL('../../../../hardware/drivers/serial/PROTOCOL.md', import.meta.url);
  const page = readFileSync(at, 'utf8');
  for (const [pattern, { lit, dark }] of Object.entries(rhythms)) {
    const words = lit > 0 ? `${lit} ms lit, ${dark} ms dark` : pattern === 'on' ? 'lit' : 'dark';
    assert.ok(page.includes(`| \`${pattern}\` | ${words} |`), pattern);
  }
  assert.ok(page.includes(String(clockModulus)));
});
