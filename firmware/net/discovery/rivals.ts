/*
 * Is a name of ours somebody else's, too? RFC 6762 §8 and §9, as pure questions about a message that
 * was heard. What says an address of this very machine is never a rival: it is ourselves, heard over
 * another of its networks, or another responder (Avahi) on it.
 */
import { type DnsMessage, type DnsRecord, keyOf, types } from './wire.ts';
import { isAddress, isSame, type Zone } from './zone.ts';

export interface Own {
  readonly zone: Zone;
  /** Addresses of this machine, on all of its networks, as data of records. */
  readonly addresses: readonly Buffer[];
}

/** While we ask for our names: does somebody have one? (§8.1: records of any type) */
export function isTaken(heard: DnsMessage, own: Own): boolean {
  return heard.response && rivals(heard, own).length > 0;
}

/** Once they are ours: does somebody say otherwise? (§9: same name, type and class, other data) */
export function isDisputed(heard: DnsMessage, own: Own): boolean {
  if (!heard.response) return false;
  return rivals(heard, own).some((rival) => {
    return own.zone.named.get(keyOf(rival.name))?.some((ours) => ours.type === rival.type);
  });
}

function rivals({ answers, additionals }: DnsMessage, own: Own): DnsRecord[] {
  return [...answers, ...additionals].filter((record) => {
    const { zone } = own;
    // A goodbye (§10.1) gives a name up; and types are not asked for their own sake.
    if (record.ttl === 0 || record.type === types.NSEC) return false;
    if (!zone.unique.has(keyOf(record.name))) return false;
    return !isOurs(record, own);
  });
}

function isOurs(record: DnsRecord, { zone, addresses }: Own): boolean {
  if (zone.named.get(keyOf(record.name))?.some((ours) => isSame(ours, record))) return true;
  return isAddress(record) && addresses.some((address) => address.equals(record.data));
}

/**
 * §8.2: two ask for one name at the same moment. Whose records come later in the order of class,
 * type and data has it; so whether we are the one that has to wait.
 */
export function mustWait(heard: DnsMessage, own: Own): boolean {
  if (heard.response) return false;
  const groups = Map.groupBy(heard.authorities, ({ name }) => keyOf(name));
  return [...groups].some(([key, theirs]) => {
    if (!own.zone.unique.has(key) || theirs.every((record) => isOurs(record, own))) return false;
    const ours = own.zone.named.get(key) ?? [];
    return compare(ours.toSorted(order), theirs.toSorted(order)) < 0;
  });
}

function compare(ours: readonly DnsRecord[], theirs: readonly DnsRecord[]): number {
  for (const [index, record] of ours.entries()) {
    const other = theirs[index];
    if (other === undefined) return 1;
    const difference = order(record, other);
    if (difference !== 0) return difference;
  }
  return ours.length - theirs.length;
}

function order(one: DnsRecord, other: DnsRecord): number {
  return one.type - other.type || Buffer.compare(one.data, other.data);
}
