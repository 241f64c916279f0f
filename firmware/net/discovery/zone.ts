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
  return { records, negatives, unique: new Set(groups.keys()) };
}

const allServices = ['_services', '_dns-sd', '_udp', 'local'];

export interface Reply {
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** The answers to what is asked, without those that the asker knows already (RFC 6762 §7.1). */
export function replyTo(query: DnsMessage, zone: Zone): Reply {
  const found = query.questions.flatMap(({ name, type }) => {
    const ours = zone.records.filter((record) => isNamed(record, name));
    const wanted = ours.filter((record) => type === types.ANY || record.type === type);
    // RFC 6762 §6.1: of a name that is ours, it is said what it does not have.
    return wanted.length > 0 ? wanted : zone.negatives.filter((record) => isNamed(record, name));
  });
  const isKnown = (record: DnsRecord) =>
    query.answers.some((known) => isSame(known, record) && known.ttl * 2 >= record.ttl);
  const answers = [...new Set(found)].filter((record) => !isKnown(record));
  const additionals = answers.length === 0 ? [] : besides(answers, zone);
  return { answers, additionals };
}

/** RFC 6763 §12: what whoever asked this will ask next. */
function besides(answers: readonly DnsRecord[], zone: Zone): DnsRecord[] {
  const wanted = new Set<DnsRecord>();
  const follow = (record: DnsRecord, depth: number) => {
    for (const other of zone.records) {
      const leadsTo =
        (record.type === types.PTR && record.data.equals(nameOctets(other.name))) ||
        (record.type === types.SRV && record.data.subarray(6).equals(nameOctets(other.name))) ||
        (isAddress(record) && isAddress(other));
      if (!leadsTo || other.type === types.PTR || wanted.has(other)) continue;
      wanted.add(other);
      if (depth < 2) follow(other, depth + 1);
    }
  };
  for (const answer of answers) follow(answer, 0);
  // RFC 6762 §6.1: beside an address, that there is none of the other kind.
  const hosts = new Set([...answers, ...wanted].filter(isAddress).map(({ name }) => keyOf(name)));
  const negatives = zone.negatives.filter(({ name }) => hosts.has(keyOf(name)));
  return [...wanted, ...negatives].filter((record) => !answers.includes(record));
}

export function isAddress({ type }: DnsRecord): boolean {
  return type === types.A || type === types.AAAA;
}

export function isSame(one: DnsRecord, other: DnsRecord): boolean {
  return one.type === other.type && isNamed(one, other.name) && one.data.equals(other.data);
}

export function isNamed(record: DnsRecord, name: Name): boolean {
  return record.name.length === name.length && keyOf(record.name) === keyOf(name);
}
