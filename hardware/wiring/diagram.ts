/*
 * The wiring picture of a board, from its data alone: the panel's parts above, the board below, and
 * the wires between them, which never cross because both ends stand in the same order. To see a
 * change, run scripts/wiring; a test fails while the pictures are not what this would draw.
 */
import type { Board } from '../boards/board.ts';
import { header, positionOf } from '../boards/header.ts';
import { drawBoard, drawUsedPin, pinPlace, scale, wayOut } from './board-picture.ts';
import { branchesOf } from './panel-parts.ts';
import { type Branch, drawBranch, ink, soft } from './parts.ts';
import { element, group, type Point, text, wire } from './svg.ts';

const width = 960;
const corner: Point = { x: 50, y: 486 };
const rail = 128;
const columns = { first: 330, between: 160 };
const groundColour = '#3b4148';

interface Strand {
  readonly branch: Branch;
  readonly gpio: number;
  readonly position: number;
}

/** The name of a board's picture. */
export function pictureName(board: Board): string {
  return `${board.name.toLowerCase().replaceAll(' ', '-')}.svg`;
}

export function drawWiring(board: Board): string {
  const strands = inOrder(board);
  const ground = header.findIndex((pin, index) => pin === 'ground' && index % 2 === 1) + 1;
  const height = corner.y + board.look.height * scale + 44;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${Math.round(height)}`,
      width,
      'font-family': "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif",
      role: 'img',
    },
    `\n${element('title', {}, `Wiring of the front panel on a ${board.name}`)}`,
    `\n${element('rect', { width, height, rx: 16, fill: '#ffffff' })}`,
    `\n${heading(board)}`,
    `\n${drawBoard(board, corner)}`,
    `\n${drawGround(ground, strands.length)}`,
    ...strands.map((strand, index) => `\n${drawStrand(strand, index, strands.length)}`),
    '\n',
  ).concat('\n');
}

/** From left to right as the wires leave the header. */
function inOrder(board: Board): Strand[] {
  const strands = branchesOf(board).map(({ branch, gpio }) => {
    const position = positionOf(gpio);
    if (position === undefined) throw new Error(`${board.name} has no GPIO ${gpio}`);
    return { branch, gpio, position };
  });
  const leaves = ({ position }: Strand) => wayOut(position, corner).at(-1)?.x ?? 0;
  return strands.sort((a, b) => leaves(a) - leaves(b));
}

function heading(board: Board): string {
  const note = 'Seen from above. Pin 1 is the square one. A lamp’s shorter leg (−) goes to ground.';
  return group(
    {},
    text(`Lamps and button on a ${board.name}`, 50, 50, {
      'font-size': 25,
      'font-weight': 700,
      fill: ink,
    }),
    text(note, 50, 78, { 'font-size': 15, fill: soft }),
  );
}

/** One wire from the header to the rail at the top that all parts share. */
function drawGround(position: number, parts: number): string {
  const pin = pinPlace(position, corner);
  const last = columns.first + (parts - 1) * columns.between;
  const way = [pin, { x: pin.x, y: rail }, { x: last, y: rail }];
  return group(
    {},
    wire(way, { stroke: groundColour, 'stroke-width': 5, 'stroke-linecap': 'round' }),
    drawUsedPin(position, corner, groundColour),
    label('ground', `pin ${position}`, { x: pin.x, y: 356 }, groundColour),
  );
}

function drawStrand({ branch, gpio, position }: Strand, index: number, all: number): string {
  const x = columns.first + index * columns.between;
  const { svg, end } = drawBranch(branch, x, rail);
  const out = wayOut(position, corner);
  const leaves = out.at(-1) ?? pinPlace(position, corner);
  // Whoever leaves further right turns lower, so that nobody is in the way.
  const turn = corner.y - 24 - (all - 1 - index) * 16;
  const way = [...out, { x: leaves.x, y: turn }, { x, y: turn }, end];
  const style = { 'stroke-width': 5, 'stroke-linecap': 'round' };
  return group(
    {},
    wire(way, { stroke: branch.colour, ...style }),
    drawUsedPin(position, corner, branch.colour),
    svg,
    element('circle', { cx: x, cy: rail, r: 5, fill: groundColour }),
    label(`GPIO ${gpio}`, `pin ${position}`, { x, y: 356 }, branch.colour),
  );
}

/** A tag on a wire. */
function label(first: string, second: string, { x, y }: Point, colour: string): string {
  const tag = { x: x - 40, y: y - 22, width: 80, height: 44, rx: 10 };
  const middle = { 'text-anchor': 'middle' };
  return group(
    {},
    element('rect', { ...tag, fill: '#ffffff', stroke: colour, 'stroke-width': 2.5 }),
    text(first, x, y - 3, { ...middle, 'font-size': 14.5, 'font-weight': 700, fill: ink }),
    text(second, x, y + 14, { ...middle, 'font-size': 13, fill: soft }),
  );
}
