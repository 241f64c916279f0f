/*
 * The listing of a maildrop: LIST for the sizes and UIDL for the unique-ids (RFC 1939 §5, §7), put
 * together by message number. A server without UIDL is listed by digests of its header sections.
 *
 * A unique-id that is there twice says nothing of either message (RFC 1939 §7 forbids it, and
 * it is met): both are marked, and those behind the first get a suffix that no unique-id can
 * have. To find them, all unique-ids are held while they are handed out; how many there may be
 * stands in protocol/pop3/client/limits.ts.
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

/** What a list says of each number: numbers ascend, each has its value at the same index. */
interface Column<T> {
  readonly numbers: number[];
  readonly values: T[];
}

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
  if (!names.ok) return names;
  return ok(distinct(names.value, sizes.ok ? sizes.value : { numbers: [], values: [] }));
}

/** The answer to LIST or UIDL. Numbers that do not ascend are no listing. */
async function column<T>(
  dialogue: Pop3Dialogue,
  command: typeof list,
  sent: boolean,
  { answer: wait }: ListingTerms['waits'],
  read: (line: string) => { readonly number: number; readonly value: T } | undefined,
): Promise<Found<Column<T>>> {
  const found: Column<T> = { numbers: [], values: [] };
  let refused: string | undefined;
  let nonsense: string | undefined;
  if (!sent && dialogue.gone === undefined) dialogue.send([command]);
  const ended = await dialogue.until(wait, (event): Verdict => {
    if (event.kind === 'line') {
      const one = read(event.line);
      if (one === undefined || one.number <= (found.numbers.at(-1) ?? 0)) {
        nonsense ??= event.line;
      } else {
        found.numbers.push(one.number);
        found.values.push(one.value);
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

/** Every message there is by STAT. Undefined: its header section was refused. */
async function byHeads(
  dialogue: Pop3Dialogue,
  { messages, pipelining, waits }: ListingTerms,
): Promise<Found<Column<string | undefined>>> {
  const found: Column<string | undefined> = { numbers: [], values: [] };
  const numbers = Array.from({ length: messages }, (_, index) => index + 1);
  const terms = { numbers, pipelining, wait: waits.answer };
  const ended = await heads(dialogue, terms, (number, head) => {
    found.numbers.push(number);
    found.values.push(head.ok ? headId(head.value) : undefined);
  });
  return ended.ok ? ok(found) : failed(brokenBy(ended.error));
}

function* distinct(
  names: Column<string | undefined>,
  sizes: Column<number>,
): Generator<Listed, void, undefined> {
  const met = repeatedIn(names.values);
  let size = 0;
  for (const [index, number] of names.numbers.entries()) {
    while ((sizes.numbers[size] ?? number) < number) size++;
    const octets = sizes.numbers[size] === number ? (sizes.values[size] ?? 0) : 0;
    const name = names.values[index];
    const before = name === undefined ? undefined : met.get(name);
    if (name === undefined) {
      yield { uid: `head: ${number}`, number, octets, ambiguous: true };
    } else if (before === undefined) {
      yield { uid: name, number, octets };
    } else {
      met.set(name, before + 1);
      const uid = before === 0 ? name : `${name} ${before + 1}`;
      yield { uid, number, octets, ambiguous: true };
    }
  }
}

/** The names that are there more than once, each with 0 beside it. */
function repeatedIn(names: readonly (string | undefined)[]): Map<string, number> {
  const once = new Set<string>();
  const repeated = new Map<string, number>();
  for (const name of names) {
    if (name === undefined) continue;
    if (once.has(name)) repeated.set(name, 0);
    else once.add(name);
  }
  return repeated;
}

function cut(dialogue: Pop3Dialogue, detail: string): UpstreamTrouble {
  dialogue.cut({ code: 'EPROTOCOL', detail });
  return { kind: 'broken', detail };
}

export function brokenBy({ detail }: Ending): UpstreamTrouble {
  return { kind: 'broken', detail };
}
