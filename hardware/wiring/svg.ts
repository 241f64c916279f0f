/* SVG as text: elements with attributes and children. Only what the wiring pictures need. */

export type Attributes = Readonly<Record<string, string | number>>;

/** An element; children are elements, or text that is escaped by `text`. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${short(value)}"`);
  const start = `<${name}${written.join('')}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
}

export function group(attributes: Attributes, ...children: string[]): string {
  return element('g', attributes, ...children.map((child) => `\n${child}`), '\n');
}

export function text(words: string, x: number, y: number, attributes: Attributes = {}): string {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return element('text', { x, y, ...attributes }, safe);
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line through all points, its corners rounded. */
export function wire(points: readonly Point[], attributes: Attributes): string {
  const radius = 10;
  const [start, ...rest] = points;
  if (start === undefined) return '';
  const steps = rest.map((corner, index) => {
    const next = rest[index + 1];
    if (next === undefined) return `L${spot(corner)}`;
    const before = towards(corner, points[index] ?? start, radius);
    return `L${spot(before)}Q${spot(corner)} ${spot(towards(corner, next, radius))}`;
  });
  return element('path', { d: `M${spot(start)}${steps.join('')}`, fill: 'none', ...attributes });
}

function towards(from: Point, to: Point, most: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(most, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function spot({ x, y }: Point): string {
  return `${short(x)} ${short(y)}`;
}

/** Tenths are finer than any screen shows. */
function short(value: string | number): string | number {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}
