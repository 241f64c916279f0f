/*
 * The listing of a maildrop: LIST for the sizes and UIDL for the unique-ids (RFC 1939 §5, §7), put
 * together by message number. A server without UIDL is listed by digests of its header sections.
 *
 * A unique-id that is there twice says nothing of either message (RFC 1939 §7 forbids it, and
 * it is met): both are marked, and those behind the first get a suffix that no unique-id can
 * have. To find them, all unique-ids are held, packed, while they are handed out; how many there may
 * be stands in protocol/pop3/client/limits.ts.
 */
import { failed, ok, type Result } from '#base/result';
import { inWords } from '#protocol/pop3/client/answer';
import {
  list,
  readScanListing,
  readUniqueIdListing,
  uidl,
} from '#protocol/pop3/client/commands/listing';
import { listedMessages } from '#protocol/pop3/client/limits';
import { IdSet } from '../id-set.ts';
import { PackedList } from '../packed-list.ts';
import type { Listed, UpstreamTrouble } from '../upstream.ts';
import type { Ending, Pop3Dialogue, Verdict } from './dialogue.ts';
import { headId, heads } from './heads.ts';
import type { Pop3Waits } from './limits.ts';

/** How a message is known: by UIDL, or by what TOP shows of it. */
export type Naming = 'uidl' | 'top';

export interface ListingTerms {
  readonly naming: Naming;
  readonly pipelining: boolean;
  /** As STAT said. */
  readonly messages: number;
  readonly waits: Pick<Pop3Waits, 'answer'>;
}

type Found<T> = Result<T, UpstreamTrouble>;

/** What a list says of each number. Numbers ascend. Null: nothing. */
type Column<T extends string | number | null> = PackedList<readonly [number: number, value: T]>;

/** All messages, in the order of their numbers. */
export async function listed(
  dialogue: Pop3Dialogue,
  terms: ListingTerms,
): Promise<Found<Iterable<Listed>>> {
  // Some say -ERR when there is nothing to list.
  if (terms.messages === 0) return ok([]);
  if (terms.messages > listedMessages) {
    return failed(cut(dialogue, `there are ${terms.messages} messages, more than can be listed`));
  }
  const together = terms.pipelining && terms.naming === 'uidl' && dialogue.gone === undefined;
  if (together) dialogue.send([list, uidl]);
  const sizes = await column(dialogue, list, together, terms.waits, (line) => {
    const found = readScanListing(line);
    return found && { number: found.number, value: found.octets };
  });
  // A server that does not tell sizes can be collected from without.
  if (!sizes.ok && sizes.error.kind === 'broken') return sizes;
  const names =
    terms.naming === 'uidl'
      ? await column(dialogue, uidl, together, terms.waits, (line) => {
          const found = readUniqueIdListing(line);
          return found && { number: found.number, value: found.uniqueId };
        })
      : await byHeads(dialogue, terms);
  if (!names.ok) {
    const { kind, detail } = names.error;
    // There is nothing else that this session could be asked.
    return failed({ kind: kind === 'refused' ? 'later' : kind, detail });
  }
  return ok(distinct(names.value, sizes.ok ? sizes.value : new PackedList()));
}

/** The answer to LIST or UIDL. Numbers that do not ascend are no listing. */
async function column<T extends string | number>(
  dialogue: Pop3Dialogue,
  command: typeof list,
  sent: boolean,
  { answer: wait }: ListingTerms['waits'],
  read: (line: string) => { readonly number: number; readonly value: T } | undefined,
): Promise<Found<Column<T>>> {
  const found: Column<T> = new PackedList();
  let last = 0;
  let refused: string | undefined;
  let nonsense: string | undefined;
  if (!sent && dialogue.gone === undefined) dialogue.send([command]);
  const ended = await dialogue.until(wait, (event): Verdict => {
    if (event.kind === 'line') {
      const one = read(event.line);
      if (one === undefined || one.number <= last) nonsense ??= event.line;
      else {
        last = one.number;
        found.add([one.number, one.value]);
      }
    }
    if (event.kind === 'answer') refused = inWords(event.answer);
    return event.kind === 'answer' || event.kind === 'end' ? 'done' : 'more';
  });
  if (!ended.ok) return failed(brokenBy(ended.error));
  if (refused !== undefined) return failed({ kind: 'refused', detail: refused });
  if (nonsense === undefined) return ok(found);
  const said = JSON.stringify(nonsense.slice(0, 60));
  return failed(cut(dialogue, `the answer to ${command.line} makes no sense: ${said}`));
}

/** Every message there is by STAT. Null: its header section was refused. */
async function byHeads(
  dialogue: Pop3Dialogue,
  { messages, pipelining, waits }: ListingTerms,
): Promise<Found<Column<string | null>>> {
  const found: Column<string | null> = new PackedList();
  const numbers = Array.from({ length: messages }, (_, index) => index + 1);
  const terms = { numbers, pipelining, wait: waits.answer };
  const ended = await heads(dialogue, terms, (number, head) => {
    found.add([number, head.ok ? headId(head.value) : null]);
  });
  return ended.ok ? ok(found) : failed(brokenBy(ended.error));
}

function* distinct(
  names: Column<string | null>,
  sizes: Column<number>,
): Generator<Listed, void, undefined> {
  const repeated = repeatedIn(names);
  /** How often one of those was handed out. */
  const met = new Map<string, number>();
  const sized = sizes[Symbol.iterator]();
  let size = sized.next();
  for (const [number, name] of names) {
    while (!size.done && size.value[0] < number) size = sized.next();
    const octets = !size.done && size.value[0] === number ? size.value[1] : 0;
    if (name === null) {
      yield { uid: `head: ${number}`, number, octets, ambiguous: true };
    } else if (!repeated.has(name)) {
      yield { uid: name, number, octets };
    } else {
      const times = (met.get(name) ?? 0) + 1;
      met.set(name, times);
      yield { uid: times === 1 ? name : `${name} ${times}`, number, octets, ambiguous: true };
    }
  }
}

function repeatedIn(names: Column<string | null>): IdSet {
  const all = new IdSet();
  for (const [, name] of names) if (name !== null) all.add(name);
  return all.repeated();
}

function cut(dialogue: Pop3Dialogue, detail: string): UpstreamTrouble {
  dialogue.cut({ code: 'EPROTOCOL', detail });
  return { kind: 'broken', detail };
}

export function brokenBy({ detail }: Ending): UpstreamTrouble {
  return { kind: 'broken', detail };
}
