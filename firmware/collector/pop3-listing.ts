/*
 * The listing of a maildrop: LIST for the sizes and UIDL for the unique-ids (RFC 1939 §5, §7), put
 * together by message number. A server without UIDL is listed by digests of its header sections.
 *
 * A unique-id that is there twice says nothing of either message (RFC 1939 §7 forbids it, and it is
 * met): both are marked, and those behind the first get a suffix that no unique-id can have. To find
 * them, all of the listing is held while it is made; how long one may be stands in
 * protocol/pop3/client/limits.ts.
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
import type { Ending, Pop3Dialogue, Verdict } from './pop3-dialogue.ts';
import { headId, heads } from './pop3-heads.ts';
import type { Pop3Waits } from './pop3-limits.ts';
import type { Listed, UpstreamTrouble } from './upstream.ts';

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

/** All messages, in the order of their numbers. */
export async function listed(
  dialogue: Pop3Dialogue,
  terms: ListingTerms,
): Promise<Found<readonly Listed[]>> {
  // Some say -ERR when there is nothing to list.
  if (terms.messages === 0) return ok([]);
  if (terms.messages > listedMessages) {
    return failed(cut(dialogue, `there are ${terms.messages} messages, more than can be listed`));
  }
  const together = terms.pipelining && terms.naming === 'uidl' && dialogue.gone === undefined;
  if (together) dialogue.send([list, uidl]);
  const sizes = await numbered(dialogue, list, together, terms.waits, (line) => {
    const found = readScanListing(line);
    return found && { number: found.number, value: found.octets };
  });
  // A server that lists no sizes is none that we need them of.
  if (!sizes.ok && sizes.error.kind === 'broken') return sizes;
  const names =
    terms.naming === 'uidl'
      ? await numbered(dialogue, uidl, together, terms.waits, (line) => {
          const found = readUniqueIdListing(line);
          return found && { number: found.number, value: found.uniqueId };
        })
      : await byHeads(dialogue, terms);
  if (!names.ok) return names;
  return ok(distinct(names.value, sizes.ok ? sizes.value : new Map()));
}

/** What a listing says of each number. Numbers that do not ascend are no listing. */
async function numbered<T>(
  dialogue: Pop3Dialogue,
  command: typeof list,
  sent: boolean,
  { answer: wait }: ListingTerms['waits'],
  read: (line: string) => { readonly number: number; readonly value: T } | undefined,
): Promise<Found<ReadonlyMap<number, T>>> {
  const found = new Map<number, T>();
  let last = 0;
  let refused: string | undefined;
  let nonsense: string | undefined;
  if (!sent && dialogue.gone === undefined) dialogue.send([command]);
  const ended = await dialogue.until(wait, (event): Verdict => {
    if (event.kind === 'line') {
      const one = read(event.line);
      if (one === undefined || one.number <= last) nonsense ??= event.line;
      else found.set(one.number, one.value);
      last = one?.number ?? last;
    }
    if (event.kind === 'answer') refused = inWords(event.answer);
    return event.kind === 'answer' || event.kind === 'end' ? 'done' : 'more';
  });
  if (!ended.ok) return failed(brokenBy(ended.error));
  if (refused !== undefined) return failed({ kind: 'refused', detail: refused });
  if (nonsense === undefined) return ok(found);
  const detail = `the answer to ${command.line} makes no sense: ${JSON.stringify(nonsense.slice(0, 60))}`;
  return failed(cut(dialogue, detail));
}

/** Every message there is by STAT. Undefined: its header section was refused. */
async function byHeads(
  dialogue: Pop3Dialogue,
  { messages, pipelining, waits }: ListingTerms,
): Promise<Found<ReadonlyMap<number, string | undefined>>> {
  const found = new Map<number, string | undefined>();
  const numbers = Array.from({ length: messages }, (_, index) => index + 1);
  const terms = { numbers, pipelining, wait: waits.answer };
  const ended = await heads(dialogue, terms, (number, head) => {
    found.set(number, head.ok ? headId(head.value) : undefined);
  });
  return ended.ok ? ok(found) : failed(brokenBy(ended.error));
}

function distinct(
  names: ReadonlyMap<number, string | undefined>,
  sizes: ReadonlyMap<number, number>,
): Listed[] {
  const met = new Map<string, number>();
  const repeated = new Set<string>();
  for (const name of names.values()) {
    if (name === undefined) continue;
    if (met.has(name)) repeated.add(name);
    else met.set(name, 0);
  }
  const messages: Listed[] = [];
  for (const [number, name] of names) {
    const octets = sizes.get(number) ?? 0;
    if (name === undefined) {
      messages.push({ uid: `head: ${number}`, number, octets, ambiguous: true });
    } else if (!repeated.has(name)) {
      messages.push({ uid: name, number, octets });
    } else {
      const times = (met.get(name) ?? 0) + 1;
      met.set(name, times);
      const uid = times === 1 ? name : `${name} ${times}`;
      messages.push({ uid, number, octets, ambiguous: true });
    }
  }
  return messages;
}

function cut(dialogue: Pop3Dialogue, detail: string): UpstreamTrouble {
  dialogue.cut({ code: 'EPROTOCOL', detail });
  return broken(detail);
}

export function broken(detail: string): UpstreamTrouble {
  return { kind: 'broken', detail };
}

export function brokenBy({ detail }: Ending): UpstreamTrouble {
  return broken(detail);
}
