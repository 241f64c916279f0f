/*
 * The parts on the panel's side, drawn: lamps, resistors with their bands, a button. Each is drawn
 * around x with its leads upwards and downwards, and says where its lower lead ends.
 */
import { element, group, type Point, text, wire } from './svg.ts';

export const ink = '#24292f';
export const soft = '#57606a';
const lead = { stroke: '#9aa3ab', 'stroke-width': 3, 'stroke-linecap': 'round' };

/** What is wired to one pin. */
export interface Branch {
  readonly name: string;
  readonly words: string;
  /** Of the wire; and of the lamp, when it is one. */
  readonly colour: string;
  readonly ohms: number;
  readonly part: 'lamp' | 'button';
}

/** The branch from the ground rail at `top` down; returns it with the lower end of its lead. */
export function drawBranch(branch: Branch, x: number, top: number): { svg: string; end: Point } {
  const middle = top + 66;
  const resistor = top + 136;
  const end = { x, y: resistor + 50 };
  const leads = wire([{ x, y: top }, end], lead);
  const part = branch.part === 'lamp' ? lamp(branch.colour, x, middle) : button(x, middle);
  const names = [
    text(branch.name, x + 36, middle - 2, { 'font-size': 19, 'font-weight': 700, fill: ink }),
    text(branch.words, x + 36, middle + 18, { 'font-size': 13, fill: soft }),
    text(ohmWords(branch.ohms), x + 18, resistor + 5, { 'font-size': 14, fill: ink }),
  ];
  return { svg: group({}, leads, part, drawResistor(branch.ohms, x, resistor), ...names), end };
}

function lamp(colour: string, x: number, y: number): string {
  const dome = { cx: x, cy: y, r: 21, fill: colour, stroke: '#00000055', 'stroke-width': 1.5 };
  return group(
    {},
    element('circle', { cx: x, cy: y, r: 32, fill: colour, opacity: 0.18 }),
    element('circle', dome),
    // The flat side of the rim marks the short leg.
    element('rect', {
      x: x - 13,
      y: y - 23,
      width: 26,
      height: 5,
      rx: 1,
      fill: ink,
      opacity: 0.55,
    }),
    element('ellipse', { cx: x - 7, cy: y - 6, rx: 6, ry: 4, fill: '#ffffff', opacity: 0.65 }),
    text('−', x - 24, y - 27, { 'font-size': 17, fill: soft }),
    text('+', x - 24, y + 39, { 'font-size': 17, fill: soft }),
  );
}

function button(x: number, y: number): string {
  const body = { x: x - 23, y: y - 23, width: 46, height: 46, rx: 6, fill: '#3b4148' };
  return group(
    {},
    element('rect', body),
    element('circle', { cx: x, cy: y, r: 14, fill: '#1f6feb' }),
    element('circle', { cx: x - 3, cy: y - 3, r: 9, fill: '#ffffff', opacity: 0.2 }),
  );
}

const bandColours = [
  ...['#1b1b1b', '#7b4a21', '#d3261f', '#f08020', '#f4d000'],
  ...['#2e8b3d', '#2b5fc4', '#7d3fb2', '#808080', '#f5f5f5'],
] as const;

function drawResistor(ohms: number, x: number, y: number): string {
  const bands = [...bandsOf(ohms).map((digit) => bandColours[digit] ?? ''), '#c9a227'];
  const places = [-19, -9, 1, 16];
  return group(
    {},
    element('rect', { x: x - 9, y: y - 27, width: 18, height: 54, rx: 8, fill: '#e7cf9f' }),
    ...bands.map((fill, index) =>
      element('rect', { x: x - 9, y: y + (places[index] ?? 0) - 2.5, width: 18, height: 5, fill }),
    ),
  );
}

/** Two digits and how many zeros follow them, as resistors with four bands show it. */
export function bandsOf(ohms: number): [number, number, number] {
  const zeros = Math.floor(Math.log10(ohms)) - 1;
  const digits = Math.round(ohms / 10 ** zeros);
  return [Math.floor(digits / 10), digits % 10, zeros];
}

export function ohmWords(ohms: number): string {
  return ohms >= 1000 ? `${ohms / 1000} kΩ` : `${ohms} Ω`;
}
