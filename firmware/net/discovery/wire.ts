/*
 * DNS messages as octets (RFC 1035 §4), as far as multicast DNS uses them (RFC 6762 §18). Names are
 * lists of labels, for an instance name may hold dots (RFC 6763 §4.3). A record's data is kept as
 * the octets that it has without compression (§18.14), so that two records are compared by comparing
 * octets. Pure; what is not well-formed is undefined, and so is what would take long to read: a reader
 * never goes past the end or back and forth for ever, and a short message cannot spell a long name a
 * thousand times.
 */
import { isIPv4 } from 'node:net';

export type Name = readonly string[];

/** RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 2782, RFC 4034 §4; ANY is a question's only. */
export const types = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, NSEC: 47, ANY: 255 } as const;

export interface Question {
  readonly name: Name;
  readonly type: number;
}

export interface DnsRecord {
  readonly name: Name;
  readonly type: number;
  /** Seconds; 0 says goodbye (RFC 6762 §10.1). */
  readonly ttl: number;
  /** Nobody else has records of this name and type: caches forget others (§10.2). */
  readonly unique: boolean;
  readonly data: Buffer;
}

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  /** More known answers follow (§7.2). */
  readonly truncated: boolean;
  readonly questions: readonly Question[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

const internet = 1;
/** The top bit of a class: in a record, "unique"; in a question, "answer to me alone" (§18.12). */
const topBit = 0x8000;
const longestName = 255;
/** Whoever browses for all there is asks some dozen questions at once. */
const mostQuestions = 128;
/** Labels and pointers of all names of a message. The longest messages that are sent have some
 * hundred records (RFC 6762 §17), each a name of four or five. */
const mostSteps = 4_096;

/** One spelling for a name, for comparing: case does not matter within ASCII (RFC 6762 §16). */
export function keyOf(name: Name): string {
  return name.map((label) => label.replace(/[A-Z]/g, (sign) => sign.toLowerCase())).join('\0');
}

export function nameOctets(name: Name): Buffer {
  const labels = name.map((label) => {
    const octets = Buffer.from(label);
    return Buffer.concat([Buffer.of(octets.length), octets]);
  });
  return Buffer.concat([...labels, Buffer.of(0)]);
}

export function addressData(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // The URL parser knows every spelling: eight groups, after "::" is filled.
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groupsOf(head), tail === undefined ? [] : groupsOf(tail)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  const octets = Buffer.alloc(16);
  for (const [index, group] of [...first, ...zeros, ...last].entries()) {
    octets.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  }
  return octets;
}

/** RFC 2782: priority and weight are 0, for there is one of each service. */
export function serviceData(port: number, target: Name): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(port, 4);
  return Buffer.concat([numbers, nameOctets(target)]);
}

/** RFC 6763 §6.1: a string for each `key=value`; none at all is one empty string. */
export function textData(texts: readonly string[]): Buffer {
  const strings = texts.length === 0 ? [''] : texts;
  return Buffer.concat(
    strings.map((text) => {
      const octets = Buffer.from(text).subarray(0, 255);
      return Buffer.concat([Buffer.of(octets.length), octets]);
    }),
  );
}

/** RFC 6762 §6.1: these types there are, and no others. All of them are below 256. */
export function onlyTypes(name: Name, list: readonly number[]): Buffer {
  const bits = Buffer.alloc((Math.max(...list) >> 3) + 1);
  for (const type of list) bits[type >> 3] = (bits[type >> 3] ?? 0) | (0x80 >> (type & 7));
  return Buffer.concat([nameOctets(name), Buffer.of(0, bits.length), bits]);
}

export function encode(message: DnsMessage): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(message.id, 0);
  // RFC 6762 §18: QR and AA; all else is zero.
  header.writeUInt16BE(message.response ? 0x8400 : 0, 2);
  const { questions, answers, authorities, additionals } = message;
  for (const [index, list] of [questions, answers, authorities, additionals].entries()) {
    header.writeUInt16BE(list.length, 4 + index * 2);
  }
  const writer = new Writer(header);
  for (const question of questions) {
    writer.name(question.name);
    writer.numbers(question.type, internet);
  }
  for (const record of [...answers, ...authorities, ...additionals]) writer.record(record);
  return writer.octets;
}

export function decode(octets: Buffer): DnsMessage | undefined {
  try {
    return read(new Reader(octets));
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

class Writer {
  #pieces: Buffer[];
  #length: number;
  readonly #places = new Map<string, number>();

  constructor(header: Buffer) {
    this.#pieces = [header];
    this.#length = header.length;
  }

  get octets(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** RFC 1035 §4.1.4: the rest of a name that stands before is pointed at. */
  name(name: Name): void {
    for (let index = 0; index < name.length; index++) {
      const rest = keyOf(name.slice(index));
      const place = this.#places.get(rest);
      if (place !== undefined) {
        this.numbers(0xc000 | place);
        return;
      }
      if (this.#length < 0x4000) this.#places.set(rest, this.#length);
      const label = Buffer.from(name[index] ?? '');
      this.#add(Buffer.concat([Buffer.of(label.length), label]));
    }
    this.#add(Buffer.of(0));
  }

  numbers(...numbers: readonly number[]): void {
    const octets = Buffer.alloc(numbers.length * 2);
    for (const [index, number] of numbers.entries()) octets.writeUInt16BE(number, index * 2);
    this.#add(octets);
  }

  record({ name, type, ttl, unique, data }: DnsRecord): void {
    this.name(name);
    this.numbers(type, internet | (unique ? topBit : 0), ttl >>> 16, ttl & 0xffff, data.length);
    this.#add(data);
  }

  #add(octets: Buffer): void {
    this.#pieces.push(octets);
    this.#length += octets.length;
  }
}

class Malformed extends Error {}

class Reader {
  readonly octets: Buffer;
  at = 0;
  #steps = 0;

  constructor(octets: Buffer) {
    this.octets = octets;
  }

  number(): number {
    if (this.at + 2 > this.octets.length) throw new Malformed();
    this.at += 2;
    return this.octets.readUInt16BE(this.at - 2);
  }

  take(count: number): Buffer {
    if (this.at + count > this.octets.length) throw new Malformed();
    this.at += count;
    return this.octets.subarray(this.at - count, this.at);
  }

  name(): Name {
    const labels: string[] = [];
    let [place, end, total, before] = [this.at, -1, 1, this.at];
    for (;;) {
      const length = this.octets[place];
      this.#steps += 1;
      if (length === undefined || this.#steps > mostSteps) throw new Malformed();
      if (length === 0) break;
      if (length >= 0xc0) {
        const low = this.octets[place + 1];
        if (low === undefined) throw new Malformed();
        if (end < 0) end = place + 2;
        place = ((length & 0x3f) << 8) | low;
        // Only ever backwards, so that it ends.
        if (place >= before) throw new Malformed();
        before = place;
        continue;
      }
      total += length + 1;
      const label = this.octets.subarray(place + 1, place + 1 + length);
      if (length > 63 || total > longestName || label.length < length) throw new Malformed();
      labels.push(label.toString());
      place += length + 1;
    }
    this.at = end < 0 ? place + 1 : end;
    return labels;
  }
}

function read(reader: Reader): DnsMessage | undefined {
  const [id, flags] = [reader.number(), reader.number()];
  // RFC 6762 §18.3, §18.11: other operations and codes are passed over in silence.
  if ((flags & 0x780f) !== 0) return undefined;
  const counts = [reader.number(), reader.number(), reader.number(), reader.number()];
  const [questionCount = 0, answerCount = 0, authorityCount = 0, additionalCount = 0] = counts;
  if (questionCount > mostQuestions) return undefined;
  const questions: Question[] = [];
  for (let index = 0; index < questionCount; index++) {
    const [name, type, kind] = [reader.name(), reader.number(), reader.number()];
    // ANY class is 255.
    if ([internet, 255].includes(kind & ~topBit)) questions.push({ name, type });
  }
  return {
    ...{ id, questions, response: (flags & 0x8000) !== 0, truncated: (flags & 0x0200) !== 0 },
    answers: readRecords(reader, answerCount),
    authorities: readRecords(reader, authorityCount),
    additionals: readRecords(reader, additionalCount),
  };
}

function readRecords(reader: Reader, count: number): DnsRecord[] {
  const records: DnsRecord[] = [];
  for (let index = 0; index < count; index++) {
    const [name, type, kind] = [reader.name(), reader.number(), reader.number()];
    const ttl = reader.number() * 0x10000 + reader.number();
    const end = reader.number() + reader.at;
    if (end > reader.octets.length) throw new Malformed();
    const data = readData(reader, type, end);
    reader.at = end;
    if ((kind & ~topBit) !== internet) continue;
    records.push({ name, type, ttl, unique: (kind & topBit) !== 0, data });
  }
  return records;
}

/** The names in it written out. */
function readData(reader: Reader, type: number, end: number): Buffer {
  const fixed = type === types.SRV ? 6 : 0;
  const hasName = type === types.SRV || type === types.PTR || type === types.NSEC;
  if (!hasName) return Buffer.from(reader.take(end - reader.at));
  const before = reader.take(fixed);
  const name = nameOctets(reader.name());
  if (reader.at > end) throw new Malformed();
  return Buffer.concat([before, name, reader.take(end - reader.at)]);
}
