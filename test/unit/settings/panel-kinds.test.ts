/* The pins of lamps and buttons as a setting, as a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinChoices } from '#settings/panel-kinds';

const rows: readonly [written: unknown, value: unknown][] = [
  ['', []],
  ['mail=17', [{ name: 'mail', gpio: 17 }]],
  [
    ' mail=17, flush=5:high ',
    [
      { name: 'mail', gpio: 17 },
      { name: 'flush', gpio: 5, active: 'high' },
    ],
  ],
  ['queue=none', [{ name: 'queue', gpio: undefined }]],
  ['mail.ann=5:low', [{ name: 'mail.ann', gpio: 5, active: 'low' }]],
  ['mail.jörg=6', [{ name: 'mail.jörg', gpio: 6 }]],
  ['mail=17 mail=18', undefined],
  ['post=17', undefined],
  ['mail.=17', undefined],
  ['mail=', undefined],
  ['mail=117', undefined],
  ['mail=-1', undefined],
  ['mail=17:up', undefined],
  ['queue=none:low', undefined],
  ['mail 17', undefined],
  [17, undefined],
  [Array.from({ length: 41 }, (_, index) => `mail.a${index}=5`).join(' '), undefined],
];

for (const [written, value] of rows) {
  test(`panel.pins: ${JSON.stringify(written).slice(0, 60)}`, () => {
    const read = pinChoices.read(written);
    assert.deepEqual(read, value);
    if (read !== undefined) assert.deepEqual(pinChoices.read(pinChoices.write(read)), value);
  });
}
