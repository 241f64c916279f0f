/*
 * What the box is called on the network: its host name when that is one of multicast DNS (RFC 6762
 * §3), else the first label of it; and the next name when another machine has that one (§9). Pure.
 */
import { domainToASCII } from 'node:url';
import type { Name } from './wire.ts';

export interface Called {
  readonly host: Name;
  /** As it is typed: `restante.local`. */
  readonly text: string;
  /** The label by which people see the services (RFC 6763 §4.1.1). */
  readonly instance: string;
}

const longestLabel = 63;

/** `turn`: 1 for the name that was wished for, then 2, 3, ... */
export function calledAs(hostName: string, turn: number): Called {
  const labels = labelsOf(hostName);
  const [first = usual, ...others] = labels;
  const tail = turn === 1 ? '' : `-${turn}`;
  const label = `${first.slice(0, longestLabel - tail.length)}${tail}`;
  const shown = first === usual ? 'Restante' : first.slice(0, longestLabel - tail.length);
  const host = [label, ...others];
  return {
    host,
    text: host.join('.'),
    instance: turn === 1 ? shown : `${shown} ${turn}`,
  };
}

/** All that it may be called in turn, as far as a certificate can foresee it. */
export function calledInTurn(hostName: string): readonly string[] {
  return Array.from({ length: 9 }, (_, index) => calledAs(hostName, index + 1).text);
}

const usual = 'restante';

function labelsOf(hostName: string): string[] {
  const labels = domainToASCII(hostName.replace(/\.$/, '')).split('.');
  if (labels.some((label) => label === '')) return [usual, 'local'];
  if (labels.length > 1 && labels.at(-1) === 'local') return labels;
  const [first = usual] = labels;
  // Every machine is that for itself.
  return [first === 'localhost' ? usual : first, 'local'];
}
