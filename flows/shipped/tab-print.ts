/*
 * The print of a tab: a digest of what it does, by which the launcher tells whether its owner has
 * changed it. Where nodes lie on the canvas does not count, and neither does what Node-RED's editor
 * adds when it saves: the order of fields, and fields that say nothing ('' or false or []).
 */
import { createHash } from 'node:crypto';

/** A node, tab or group of flows.json. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  /** The tab it is on. */
  readonly z?: string;
  readonly [name: string]: unknown;
}

/** The name of the environment variable of a tab that holds the print it was shipped with. */
export const printName = 'RESTANTE_SHIPPED';

/** The tab itself and all that is on it. */
export function membersOf(flows: readonly FlowNode[], tab: string): readonly FlowNode[] {
  return flows.filter((node) => node.id === tab || node.z === tab);
}

export function printOf(members: readonly FlowNode[]): string {
  const said = members.map((node) => JSON.stringify(plain(node))).toSorted();
  return createHash('sha256').update(said.join('\n')).digest('hex').slice(0, 16);
}

/** What the tab says it was shipped as; undefined: it is the owner's own. */
export function shippedPrintOf(tab: FlowNode): string | undefined {
  const env: unknown = tab['env'];
  if (!Array.isArray(env)) return undefined;
  const found: unknown = env.find((one: { name?: unknown }) => one.name === printName);
  const value = (found as { value?: unknown } | undefined)?.value;
  return typeof value === 'string' ? value : undefined;
}

const onCanvas = new Set(['x', 'y', 'w', 'h', 'l']);

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => !isMark(one)).map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .filter(([name, field]) => !onCanvas.has(name) && !saysNothing(field))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, field]) => [name, plain(field)]);
  return Object.fromEntries(fields);
}

function isMark(value: unknown): boolean {
  return (value as { name?: unknown } | null)?.name === printName;
}

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.every((one) => isMark(one) || saysNothing(one));
  return typeof value === 'object' && Object.keys(value).length === 0;
}
