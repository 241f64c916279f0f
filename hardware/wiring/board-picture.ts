/*
 * A board from above, to scale, its header at the upper edge with every pin numbered; pins in use
 * wear the colour of their wire. Says where a wire leaves a pin without crossing another.
 */
import type { Board, Landmark } from '../boards/board.ts';
import { header } from '../boards/header.ts';
import { element, group, type Point, text } from './svg.ts';

/** Pixels for a millimetre. */
export const scale = 9.5;
const pitch = 2.54 * scale;
/** Where the first column of the header and its middle line are, in millimetres. */
const firstColumn = 8.37;
const headerMiddle = 3.5;

export function pinPlace(position: number, corner: Point): Point {
  const column = Math.ceil(position / 2) - 1;
  const outer = position % 2 === 0;
  return {
    x: corner.x + firstColumn * scale + column * pitch,
    y: corner.y + headerMiddle * scale + (outer ? -pitch / 2 : pitch / 2),
  };
}

/** Where a wire goes before it turns upwards: those of the inner row pass left of the outer pin. */
export function wayOut(position: number, corner: Point): Point[] {
  const pin = pinPlace(position, corner);
  return position % 2 === 0 ? [pin] : [pin, { x: pin.x - pitch / 2, y: pin.y }];
}

export function drawBoard(board: Board, corner: Point): string {
  const { width, height, name, landmarks } = board.look;
  return group(
    { transform: `translate(${corner.x} ${corner.y})` },
    element('rect', {
      width: width * scale,
      height: height * scale,
      rx: 3 * scale,
      fill: '#1f7a4d',
      stroke: '#155c39',
      'stroke-width': 2,
    }),
    ...holes(width, height).map(({ x, y }) =>
      element('circle', {
        cx: x * scale,
        cy: y * scale,
        r: 1.9 * scale,
        fill: '#ffffff',
        stroke: '#e2c275',
        'stroke-width': 6,
      }),
    ),
    ...landmarks.map(landmark),
    text(board.name, name.x * scale, name.y * scale, {
      'font-size': 20,
      'font-weight': 600,
      fill: '#ffffff',
      opacity: 0.85,
      'text-anchor': 'middle',
    }),
    drawHeader(),
  );
}

/** Small boards have their holes in all corners, the others leave room for their sockets. */
function holes(width: number, height: number): Point[] {
  const right = width > 80 ? 61.5 : width - 3.5;
  return [3.5, right].flatMap((x) => [3.5, height - 3.5].map((y) => ({ x, y })));
}

const materials = {
  chip: { fill: '#2b3036', stroke: '#171a1d', ink: '#c9d1d9' },
  metal: { fill: '#c4cad0', stroke: '#8b949e', ink: '#24292f' },
  socket: { fill: '#a4adb6', stroke: '#6e7781', ink: '#24292f' },
} as const;

function landmark({ name, kind, x, y, width, height }: Landmark): string {
  const { fill, stroke, ink } = materials[kind];
  const box = { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
  return group(
    {},
    element('rect', { ...box, rx: 4, fill, stroke, 'stroke-width': 1.5 }),
    text(name, (x + width / 2) * scale, (y + height / 2) * scale + 5, {
      'font-size': 14,
      fill: ink,
      'text-anchor': 'middle',
    }),
  );
}

function drawHeader(): string {
  const origin = { x: 0, y: 0 };
  const first = pinPlace(2, origin);
  const strip = { x: first.x - pitch / 2, y: first.y - pitch / 2, rx: 4, fill: '#16191c' };
  return group(
    {},
    element('rect', { ...strip, width: 20 * pitch, height: 2 * pitch }),
    ...header.map((_, index) => {
      const colours = { fill: '#3a3f45', stroke: '#b08d3c', number: '#c9b27a' };
      return drawPin(index + 1, pinPlace(index + 1, origin), colours);
    }),
  );
}

/** A pin in use, to be drawn over the end of its wire. */
export function drawUsedPin(position: number, corner: Point, colour: string): string {
  const colours = { fill: '#ffffff', stroke: colour, number: '#16191c' };
  return drawPin(position, pinPlace(position, corner), colours);
}

interface PinColours {
  readonly fill: string;
  readonly stroke: string;
  readonly number: string;
}

function drawPin(position: number, { x, y }: Point, { fill, stroke, number }: PinColours): string {
  const size = 18;
  const shape = { x: x - size / 2, y: y - size / 2, width: size, height: size };
  return group(
    { 'text-anchor': 'middle', 'font-size': 10.5 },
    element('rect', { ...shape, rx: position === 1 ? 1 : 9, fill, stroke, 'stroke-width': 2 }),
    text(String(position), x, y + 3.8, { fill: number }),
  );
}
