/*
 * What the box says of itself on one network: the records of its name and of its services (RFC 6763),
 * and which of them answer a question (RFC 6762 §6). Pure. No reverse names (§4): nothing that
 * collects mail asks for them.
 */
import {
  addressData,
  type DnsMessage,
  type DnsRecord,
  keyOf,
  type Name,
  nameOctets,
  onlyTypes,
  serviceData,
  textData,
  types,
} from './wire.ts';

/** A service as DNS-SD names it (RFC 6763 §7). */
export interface Service {
  /** Without underscore: `pop3s`. Each is spoken over TCP. */
  readonly type: string;
  readonly port: number;
  readonly texts: readonly string[];
}

export interface Presented {
  readonly host: Name;
  /** The label by which people see the services. */
  readonly instance: string;
  readonly services: readonly Service[];
  readonly addresses: readonly string[];
}

export interface Zone {
  /** What is announced. */
  readonly records: readonly DnsRecord[];
  /** RFC 6762 §6.1: which types each name of ours has. */
  readonly negatives: readonly DnsRecord[];
  /** The keys of the names that must be nobody else's. */
  readonly unique: ReadonlySet<string>;
  /** Records by the keys of their names. */
  readonly named: ReadonlyMap<string, readonly DnsRecord[]>;
  /** What is said beside each, worked out once: questions come as fast as a network sends them. */
  readonly beside: ReadonlyMap<DnsRecord, readonly DnsRecord[]>;
}

/** RFC 6762 §10: what a host's address is part of changes sooner. */
const hostTtl = 120;
const otherTtl = 4500;

export function zoneOf({ host, instance, services, addresses }: Presented): Zone {
  const own = { name: host, ttl: hostTtl, unique: true };
  const hostRecords = addresses.map((address): DnsRecord => {
    const data = addressData(address);
    return { ...own, type: data.length === 4 ? types.A : types.AAAA, data };
  });
  const serviceRecords = services.flatMap((service): DnsRecord[] => {
    const type = [`_${service.type}`, '_tcp', 'local'];
    const name = [instance, ...type];
    const pointer = { type: types.PTR, ttl: otherTtl, unique: false };
    const data = serviceData(service.port, host);
    return [
      { ...pointer, name: type, data: nameOctets(name) },
      // RFC 6763 §9: for those who want to see all types that there are.
      { ...pointer, name: allServices, data: nameOctets(type) },
      { name, type: types.SRV, ttl: hostTtl, unique: true, data },
      { name, type: types.TXT, ttl: otherTtl, unique: true, data: textData(service.texts) },
    ];
  });
  const records = [...hostRecords, ...serviceRecords];
  const groups = Map.groupBy(
    records.filter(({ unique }) => unique),
    ({ name }) => keyOf(name),
  );
  const negatives = [...groups.values()].flatMap(([first, ...others]): DnsRecord[] => {
    if (first === undefined) return [];
    const present = new Set([first, ...others].map(({ type }) => type));
    const data = onlyTypes(first.name, [...present]);
    return [{ name: first.name, type: types.NSEC, ttl: hostTtl, unique: true, data }];
  });
  const named = Map.groupBy(records, ({ name }) => keyOf(name));
  const beside = new Map(records.map((record) => [record, nextTo(record, records, negatives)]));
  return { records, negatives, unique: new Set(groups.keys()), named, beside };
}

const allServices = ['_services', '_dns-sd', '_udp', 'local'];

export interface Reply {
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** The answers to what is asked, without those that the asker knows already (RFC 6762 §7.1). */
export function replyTo(query: DnsMessage, zone: Zone): Reply {
  // Who asks the same a hundred times is answered once, and as soon.
  const asked = new Map(query.questions.map((one) => [`${one.type} ${keyOf(one.name)}`, one]));
  const found = [...asked.values()].flatMap(({ name, type }) => {
    const ours = zone.named.get(keyOf(name)) ?? [];
    const wanted = ours.filter((record) => type === types.ANY || record.type === type);
    // RFC 6762 §6.1: of a name that is ours, it is said what it does not have.
    return wanted.length > 0 ? wanted : zone.negatives.filter((record) => isNamed(record, name));
  });
  const isKnown = (record: DnsRecord) =>
    query.answers.some((known) => isSame(known, record) && known.ttl * 2 >= record.ttl);
  const answers = [...new Set(found)].filter((record) => !isKnown(record));
  const beside = new Set(answers.flatMap((record) => zone.beside.get(record) ?? []));
  return { answers, additionals: [...beside].filter((record) => !answers.includes(record)) };
}

/** RFC 6763 §12: what whoever asked for this record will ask next. */
function nextTo(
  record: DnsRecord,
  records: readonly DnsRecord[],
  negatives: readonly DnsRecord[],
): readonly DnsRecord[] {
  const wanted = new Set<DnsRecord>();
  const follow = (from: DnsRecord, depth: number) => {
    for (const other of records) {
      const leadsTo =
        (from.type === types.PTR && from.data.equals(nameOctets(other.name))) ||
        (from.type === types.SRV && from.data.subarray(6).equals(nameOctets(other.name))) ||
        (isAddress(from) && isAddress(other));
      if (!leadsTo || other.type === types.PTR || wanted.has(other)) continue;
      wanted.add(other);
      if (depth < 2) follow(other, depth + 1);
    }
  };
  follow(record, 0);
  // RFC 6762 §6.1: beside an address, that there is none of the other kind.
  const hosts = new Set([record, ...wanted].filter(isAddress).map(({ name }) => keyOf(name)));
  return [...wanted, ...negatives.filter(({ name }) => hosts.has(keyOf(name)))];
}

export function isAddress({ type }: DnsRecord): boolean {
  return type === types.A || type === types.AAAA;
}

export function isSame(one: DnsRecord, other: DnsRecord): boolean {
  // Names last, for they are the dearest to compare, and somebody may send very many.
  return one.type === other.type && one.data.equals(other.data) && isNamed(one, other.name);
}

export function isNamed(record: DnsRecord, name: Name): boolean {
  return record.name.length === name.length && keyOf(record.name) === keyOf(name);
}
