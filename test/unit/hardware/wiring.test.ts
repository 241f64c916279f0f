/* The wiring pictures and the parts list are what the board data says, and wires do not cross. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { boards } from '#hardware/boards/boards';
import { positionOf } from '#hardware/boards/header';
import { drawWiring, pictureName } from '#hardware/wiring/diagram';
import { lampCurrent } from '#hardware/wiring/panel-parts';
import { bandsOf, ohmWords } from '#hardware/wiring/parts';
import { wire } from '#hardware/wiring/svg';

const hardware = new URL('../../../hardware/', import.meta.url);
const readme = readFileSync(new URL('README.md', hardware), 'utf8');

for (const board of boards) {
  test(`${board.name}: its picture is up to date (else run scripts/wiring)`, () => {
    const kept = readFileSync(new URL(`wiring/${pictureName(board)}`, hardware), 'utf8');
    assert.equal(kept, drawWiring(board));
  });

  test(`${board.name}: the README shows its picture, chip and pins`, () => {
    assert.ok(readme.includes(`](wiring/${pictureName(board)})`));
    assert.ok(readme.includes(`\`${board.chip}\``));
    for (const { lamp, gpio } of board.lamps) assert.ok(readme.includes(row(lamp, gpio)), lamp);
    for (const { button, gpio } of board.buttons) {
      assert.ok(readme.includes(row(button, gpio)), button);
    }
  });

  test(`${board.name}: every pin in use is named beside its wire`, () => {
    const picture = drawWiring(board);
    for (const { gpio } of [...board.lamps, ...board.buttons]) {
      assert.ok(picture.includes(`>GPIO ${gpio}<`));
      assert.ok(picture.includes(`>pin ${positionOf(gpio)}<`));
    }
  });

  test(`${board.name}: no wire crosses another`, () => {
    const wires = [...drawWiring(board).matchAll(/<path d="([^"]+)"[^>]*stroke-width="5"/g)];
    const drawn = wires.map(([, path = '']) => segments(path));
    assert.equal(drawn.length, board.lamps.length + board.buttons.length + 1);
    for (const [index, one] of drawn.entries()) {
      for (const other of drawn.slice(index + 1)) assert.ok(!one.some((a) => other.some(cross(a))));
    }
  });
}

function row(name: string, gpio: number): string {
  return `| \`${name}\` | ${gpio} | ${positionOf(gpio)} |`;
}

type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

/** The straight parts between the places where a path begins, turns and ends. */
function segments(path: string): Segment[] {
  const spots = [...path.matchAll(/[ML]([\d.]+) ([\d.]+)|Q([\d.]+) ([\d.]+)/g)].map(
    ([, x, y, turnX, turnY]) => [Number(x ?? turnX), Number(y ?? turnY)] as const,
  );
  return spots.slice(1).map(([x, y], index) => [...(spots[index] ?? [0, 0]), x, y] as const);
}

/** Do two upright or level segments cross? */
function cross([ax, ay, bx, by]: Segment): (other: Segment) => boolean {
  return ([cx, cy, dx, dy]) =>
    Math.min(ax, bx) <= Math.max(cx, dx) &&
    Math.min(cx, dx) <= Math.max(ax, bx) &&
    Math.min(ay, by) <= Math.max(cy, dy) &&
    Math.min(cy, dy) <= Math.max(ay, by);
}

test('the current of the parts list is that of the resistors drawn', () => {
  assert.ok(readme.includes(`${lampCurrent().toFixed(1)} mA`));
});

for (const [ohms, bands, words] of [
  [330, [3, 3, 1], '330 Ω'],
  [1000, [1, 0, 2], '1 kΩ'],
  [10_000, [1, 0, 3], '10 kΩ'],
  [4700, [4, 7, 2], '4.7 kΩ'],
  [47, [4, 7, 0], '47 Ω'],
] as const) {
  test(`${words}: bands ${bands.join(' ')}`, () => {
    assert.deepEqual(bandsOf(ohms), bands);
    assert.equal(ohmWords(ohms), words);
  });
}

test('a wire rounds its corners and ends where it should', () => {
  const drawn = wire(
    [
      { x: 0, y: 0 },
      { x: 0, y: 100 },
      { x: 4, y: 100 },
    ],
    {},
  );
  assert.equal(drawn, '<path d="M0 0L0 90Q0 100 2 100L4 100" fill="none"/>');
});
