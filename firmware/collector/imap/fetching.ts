/*
 * Messages of a folder into receivers, with one piece in memory at a time. Those that are listed as
 * short come many to a command, each cut after a piece; long ones, and those that proved to be other
 * than listed, come piece by piece (BODY.PEEK[]<offset.count>, RFC 9051 §6.4.5). A size in a listing
 * is a hint only: a message has ended when the server has nothing more of it.
 */
import type { FetchMessageObject } from 'imapflow';
import { failed, ok, type Result } from '#base/result';
import type { Listed, Receiver, UpstreamTrouble } from '../upstream.ts';
import { coded, type ImapTrouble } from './conversation.ts';
import type { AskRows } from './folder.ts';
import { batchMessages, batchOctets, pieceOctets, setOctets } from './limits.ts';
import { isForNow, upstreamTroubleOf } from './troubles.ts';
import { UidSet, uidNumber } from './uid-sets.ts';

type Got = Promise<Result<void, UpstreamTrouble>>;
type Receive = (message: Listed) => Receiver;

/** Octets of a row beside the literal. */
const rowOctets = 4096;

const onePiece = { responses: 1, octets: pieceOctets + rowOctets };

/** So many messages shorter than listed, and a server's sizes are known to be estimates. */
const proofs = 3;

export class Fetching {
  readonly #ask: AskRows;
  #shorter = 0;

  constructor(ask: AskRows) {
    this.#ask = ask;
  }

  async fetch(messages: readonly Listed[], receive: Receive): Got {
    for (const batch of batches(messages)) {
      const [only] = batch;
      const done =
        batch.length === 1 && only !== undefined && only.octets >= pieceOctets
          ? await this.#inPieces(only, receive)
          : await this.#together(batch, receive);
      if (!done.ok) return done;
    }
    return ok(undefined);
  }

  async #together(batch: readonly Listed[], receive: Receive): Got {
    const waiting = new Map<number, Listed>();
    const set = new UidSet();
    for (const message of batch) {
      const uid = uidNumber(message.uid);
      if (uid === undefined) await receive(message).missing('it has no unique-id');
      else if (!waiting.has(uid)) {
        set.add(uid);
        waiting.set(uid, message);
      }
    }
    if (waiting.size === 0) return ok(undefined);
    const again: Listed[] = [];
    const query = { uid: true, source: { start: 0, maxLength: pieceOctets } };
    const size = { responses: waiting.size, octets: waiting.size * (pieceOctets + rowOctets) };
    const asked = await this.#ask(set.text, query, size, (row) => {
      const message = waiting.get(row.uid);
      const source = sourceOf(row);
      if (message === undefined || source === undefined) return;
      waiting.delete(row.uid);
      if (source === null) return receive(message).missing(nothing);
      if (this.#isWhole(message, source)) return give(receive(message), source);
      again.push(message);
    });
    if (!asked.ok) {
      const { error } = asked;
      if (error.responseStatus === undefined || isForNow(error)) {
        return failed(upstreamTroubleOf(error));
      }
      // One of them cannot be read, and it does not say which.
      again.push(...waiting.values());
    } else {
      for (const message of waiting.values()) await receive(message).missing(absent);
    }
    for (const message of again) {
      const done = await this.#inPieces(message, receive);
      if (!done.ok) return done;
    }
    return ok(undefined);
  }

  /** Less than was asked for means that there is no more; where that is less than was listed, it
   * could also be a server that gives less at a time. */
  #isWhole({ octets }: Listed, source: Buffer): boolean {
    if (source.length >= pieceOctets) return false;
    return source.length >= octets || this.#shorter >= proofs;
  }

  async #inPieces(message: Listed, receive: Receive): Got {
    const uid = uidNumber(message.uid);
    if (uid === undefined) return ok(await receive(message).missing('it has no unique-id'));
    let receiver: Receiver | undefined;
    for (let offset = 0; ; ) {
      const piece = await this.#piece(uid, offset);
      if (!piece.ok) {
        const { error } = piece;
        if (offset > 0 || error.responseStatus === undefined || isForNow(error)) {
          return failed(upstreamTroubleOf(error));
        }
        return ok(await receive(message).missing(upstreamTroubleOf(error).detail));
      }
      const octets = piece.value ?? empty;
      const isEnd = octets.length === 0 || this.#endsAt(message, offset, octets.length);
      if (offset === 0 && octets.length === 0 && (piece.value === null || message.octets > 0)) {
        return ok(await receive(message).missing(nothing));
      }
      if (offset > 0 && piece.value === undefined) {
        const detail = `message ${message.uid} went away while it was fetched`;
        return failed({ kind: 'refused', detail });
      }
      if (offset === 0 && piece.value === undefined) {
        return ok(await receive(message).missing(absent));
      }
      receiver ??= receive(message);
      if (octets.length > 0 && !(await receiver.write(octets))) return ok(undefined);
      offset += octets.length;
      if (!isEnd) continue;
      if (offset < message.octets) this.#shorter += 1;
      return ok(await receiver.end());
    }
  }

  #endsAt(message: Listed, offset: number, length: number): boolean {
    if (length >= pieceOctets) return false;
    return offset + length >= message.octets || this.#shorter >= proofs;
  }

  /** Null: the server says NIL. Undefined: it says nothing about the message. */
  async #piece(uid: number, offset: number) {
    let piece: Buffer | null | undefined;
    let elsewhere = false;
    const query = { uid: true, source: { start: offset, maxLength: pieceOctets } };
    const asked = await this.#ask(`${uid}`, query, onePiece, (row) => {
      if (row.uid !== uid || piece !== undefined) return;
      piece = sourceOf(row);
      elsewhere = piece !== undefined && originOf(row) !== offset;
    });
    if (!asked.ok) return asked;
    // It would give the beginning for ever, and the message would be a patchwork.
    if (elsewhere) return failed(patchwork);
    return ok(piece);
  }
}

const empty = Buffer.alloc(0);
const patchwork: ImapTrouble = coded(
  'EPROTOCOL',
  'the server gives another part than was asked for',
);
const absent = 'it is not there any more';
const nothing = 'the server gives nothing of it';

async function give(receiver: Receiver, octets: Buffer): Promise<void> {
  if (octets.length === 0 || (await receiver.write(octets))) await receiver.end();
}

/** imapflow says false for NIL, and has no property where the row holds no body. */
function sourceOf(row: FetchMessageObject): Buffer | null | undefined {
  if (!('source' in row)) return undefined;
  return row.source ? row.source : null;
}

/** Where in the message it begins: 'BODY[]<origin>'. imapflow's types leave it out. */
function originOf(row: FetchMessageObject): number {
  const { partialOrigins } = row as { partialOrigins?: ReadonlyMap<string, number> };
  return partialOrigins?.get('') ?? 0;
}

/** Neighbours go together as far as a command allows; a long one goes alone. */
function* batches(messages: readonly Listed[]): Generator<readonly Listed[]> {
  let batch: Listed[] = [];
  let set = new UidSet();
  let octets = 0;
  for (const message of messages) {
    const isLong = message.octets >= pieceOctets;
    const isFull =
      batch.length >= batchMessages || set.octets >= setOctets || octets >= batchOctets;
    if (batch.length > 0 && (isLong || isFull)) {
      yield batch;
      batch = [];
      set = new UidSet();
      octets = 0;
    }
    if (isLong) {
      yield [message];
      continue;
    }
    batch.push(message);
    set.add(Number(message.uid));
    octets += message.octets;
  }
  if (batch.length > 0) yield batch;
}
