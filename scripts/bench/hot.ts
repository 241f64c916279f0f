/*
 * Where the time went: reads a .cpuprofile (RESTANTE_PROFILE=folder makes the rows write them) and
 * prints the functions with the most time of their own, and each one's time with all it called.
 * Run with: node --conditions=source scripts/bench/hot.ts FILE [LINES]
 */
import { readFileSync } from 'node:fs';

interface Node {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly Node[];
  /** The node at work at each tick, and the microseconds since the tick before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const [file = '', lines = '40'] = process.argv.slice(2);
const profile: Profile = JSON.parse(readFileSync(file, 'utf8'));
const nodes = new Map(profile.nodes.map((node) => [node.id, node]));

const ownOfNode = new Map<number, number>();
for (const [index, id] of profile.samples.entries()) {
  ownOfNode.set(id, (ownOfNode.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
}

const own = new Map<string, number>();
const whole = new Map<string, number>();
const [root] = profile.nodes;
if (root) add(root, new Set());

const busy = [...own].reduce(
  (sum, [name, time]) => sum + (name.startsWith('(idle)') ? 0 : time),
  0,
);
console.log(`busy ${(busy / 1e6).toFixed(2)} s; own and whole time in % of it`);
const order = [...own]
  .filter(([name]) => !name.startsWith('(idle)'))
  .sort(([, a], [, b]) => b - a)
  .slice(0, Number(lines));
for (const [name, time] of order) {
  console.log(`${percent(time)} ${percent(whole.get(name) ?? 0)}  ${name}`);
}

/** Time of the node and all below it; a function that calls itself counts once. */
function add(node: Node, above: ReadonlySet<string>): number {
  const name = nameOf(node);
  const mine = ownOfNode.get(node.id) ?? 0;
  own.set(name, (own.get(name) ?? 0) + mine);
  const below = new Set(above).add(name);
  let total = mine;
  for (const id of node.children ?? []) {
    const child = nodes.get(id);
    if (child) total += add(child, below);
  }
  if (!above.has(name)) whole.set(name, (whole.get(name) ?? 0) + total);
  return total;
}

function nameOf({ callFrame }: Node): string {
  const { functionName, url, lineNumber } = callFrame;
  const place = url.replace(/^.*\/dist\//, '').replace(/^file:\/\//, '');
  return `${functionName || '(unnamed)'} ${place}${place === '' ? '' : `:${lineNumber + 1}`}`;
}

function percent(time: number): string {
  return `${((100 * time) / busy).toFixed(1).padStart(5)}%`;
}
