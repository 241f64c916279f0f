/*
 * What becomes of the owner's flows when a new version ships other ones: one pure function.
 *
 * - A shipped tab that its owner has not changed is replaced by the new one.
 * - One that was changed is kept as it is, and the new one is offered beside it, switched off: once
 *   for each version, so that an offer that was deleted stays away.
 * - One that was deleted stays away. (Node-RED's menu Import, Examples, has it.)
 * - What the owner has added is never touched.
 */
import { type FlowNode, membersOf, printOf, shippedPrintOf } from './tab-print.ts';

/** Tab -> the print that was last given to this owner, taken or offered. */
export type Given = Readonly<Record<string, string>>;

export interface Upgraded {
  readonly flows: readonly FlowNode[];
  readonly given: Given;
  /** What was done, in words, for the log. */
  readonly did: readonly string[];
}

export function upgrade(
  own: readonly FlowNode[],
  shipped: readonly FlowNode[],
  given: Given,
): Upgraded {
  let flows = [...own];
  const now: Record<string, string> = { ...given };
  const did: string[] = [];
  for (const tab of shipped.filter(({ type }) => type === 'tab')) {
    const print = shippedPrintOf(tab) ?? '';
    const members = membersOf(shipped, tab.id);
    const mine = flows.find(({ id }) => id === tab.id);
    const label = String(tab['label']);
    if (mine === undefined) {
      if (given[tab.id] === undefined) {
        flows.push(...members);
        did.push(`The tab ${label} is new.`);
      }
    } else if (shippedPrintOf(mine) !== print) {
      const isTouched = printOf(membersOf(flows, tab.id)) !== shippedPrintOf(mine);
      if (!isTouched) {
        flows = replaced(flows, tab.id, members);
        did.push(`The tab ${label} is of the new version.`);
      } else if (given[tab.id] !== print) {
        flows = [...withoutTab(flows, offerOf(tab.id)), ...offered(members, tab.id)];
        did.push(`The tab ${label} was changed and is kept; the new one lies beside it, off.`);
      }
    }
    now[tab.id] = print;
  }
  return { flows, given: now, did };
}

/** In the place of the old one: the order of the tabs is the owner's. */
function replaced(flows: readonly FlowNode[], tab: string, members: readonly FlowNode[]) {
  const at = flows.findIndex(({ id }) => id === tab);
  const before = flows.slice(0, at).filter(({ z }) => z !== tab);
  const after = flows.slice(at + 1).filter(({ z }) => z !== tab);
  return [...before, ...members, ...after];
}

function withoutTab(flows: readonly FlowNode[], tab: string): FlowNode[] {
  return flows.filter(({ id, z }) => id !== tab && z !== tab);
}

function offerOf(id: string): string {
  return `${id}-new`;
}

/** A copy with ids of its own, switched off, for an owner to look at. */
function offered(members: readonly FlowNode[], tab: string): readonly FlowNode[] {
  const names = new Map(members.map(({ id }) => [id, offerOf(id)]));
  const copies = members.map((node) => renamed(node, names));
  return copies.map((node) =>
    node.id === offerOf(tab)
      ? { ...node, label: `${String(node['label'])} (new)`, disabled: true, env: [] }
      : node,
  );
}

/** The fields in which nodes name each other. */
const naming = ['id', 'z', 'g', 'wires', 'links', 'scope', 'nodes'];

function renamed(node: FlowNode, names: ReadonlyMap<string, string>): FlowNode {
  const fields = naming
    .filter((field) => node[field] !== undefined)
    .map((field) => [field, rename(node[field], names)]);
  return { ...node, ...Object.fromEntries(fields) };
}

function rename(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  return Array.isArray(value) ? value.map((one) => rename(one, names)) : value;
}
