/* Which board this is, and which of its chips carries the header. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Board } from '#hardware/boards/board';
import { boards, findHeader } from '#hardware/boards/boards';
import { header, positionOf } from '#hardware/boards/header';

const chip = (label: string, lines = 54) => ({ label, lines });
const [bcm2835, bcm2711, rp1] = [
  chip('pinctrl-bcm2835'),
  chip('pinctrl-bcm2711', 58),
  chip('pinctrl-rp1'),
];
const expander = chip('raspberrypi-exp-gpio', 8);

const rows: readonly [model: string, chips: (typeof rp1)[], denied: boolean, found: string][] = [
  ['Raspberry Pi Zero 2 W Rev 1.0', [bcm2835], false, 'Raspberry Pi Zero 2 W'],
  ['Raspberry Pi 3 Model B Plus Rev 1.3', [bcm2835, expander], false, 'Raspberry Pi 3'],
  ['Raspberry Pi 4 Model B Rev 1.5', [expander, bcm2711], false, 'Raspberry Pi 4'],
  ['Raspberry Pi Compute Module 4 Rev 1.1', [bcm2711], false, 'Raspberry Pi 4'],
  ['Raspberry Pi 400 Rev 1.0', [bcm2711], false, 'Raspberry Pi 4'],
  ['Raspberry Pi 5 Model B Rev 1.0', [expander, rp1], true, 'Raspberry Pi 5'],
  ['Raspberry Pi 500 Rev 1.0', [rp1], false, 'Raspberry Pi 5'],
  ['', [rp1], false, 'Raspberry Pi 5'],
  ['Raspberry Pi 6 Model B', [rp1], false, 'Raspberry Pi 5'],
  ['', [], false, 'no-chip'],
  ['', [expander], false, 'no-chip'],
  // A PC whose chips only root may see: nothing to complain about.
  ['', [], true, 'no-chip'],
  ['Raspberry Pi 5 Model B Rev 1.0', [bcm2711], false, 'no-chip'],
  ['Raspberry Pi 5 Model B Rev 1.0', [], true, 'no-permission'],
  ['Banana Pi M2', [], false, 'no-chip'],
];

for (const [model, chips, denied, found] of rows) {
  const sees = chips.map(({ label }) => label).join(', ') || 'nothing';
  test(`"${model}" that shows ${sees}: ${found}`, () => {
    const answer = findHeader(model, { chips, denied });
    assert.equal(answer.ok ? answer.value.board.name : answer.error.code, found);
    if (answer.ok) assert.equal(answer.value.chip.label, answer.value.board.chip);
  });
}

test('the sentence names the board that is not known', () => {
  const answer = findHeader('Banana Pi M2', { chips: [expander], denied: false });
  assert.match(answer.ok ? '' : answer.error.say, /it is: Banana Pi M2/);
  assert.match(answer.ok ? '' : answer.error.detail, /raspberrypi-exp-gpio/);
});

test('the header: 40 positions, each BCM number from 0 to 27 once', () => {
  const numbers = header.filter((pin) => typeof pin === 'number');
  assert.equal(header.length, 40);
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    Array.from({ length: 28 }, (_, index) => index),
  );
  assert.deepEqual([17, 27, 22, 23].map(positionOf), [11, 13, 15, 16]);
});

for (const board of boards) {
  test(`${board.name}: its pins are on the header, and none is used twice`, () => {
    const used = gpiosOf(board);
    assert.equal(new Set(used).size, used.length);
    for (const gpio of used) assert.ok(gpio >= 2 && positionOf(gpio) !== undefined, `${gpio}`);
  });
}

function gpiosOf(board: Board): number[] {
  return [...board.lamps, ...board.buttons].map(({ gpio }) => gpio);
}
