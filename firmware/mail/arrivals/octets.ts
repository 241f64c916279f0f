/*
 * The octets of a message that lies in the store, piece by piece and as they came, at most two
 * chunks in memory. The last chunk is held back until the digest over all of them has been compared
 * with the one made at arrival: a damaged message is never handed over whole.
 */
import { createHash } from 'node:crypto';
import { failed, ok, type Result, trouble } from '#base/result';
import { chunkOctets, type Store, type StoreTrouble } from '../store/store.ts';
import type { Arrived } from './arrivals.ts';

/** Ends after the first trouble. */
export async function* octetsOf(
  store: Pick<Store, 'read'>,
  { message, octets, digest }: Arrived,
): AsyncGenerator<Result<Uint8Array, StoreTrouble>> {
  const hash = createHash('sha256');
  const chunks = Math.ceil(octets / chunkOctets);
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const read = await store.read([{ message, chunk }]);
    if (!read.ok) {
      yield read;
      return;
    }
    const [piece] = read.value;
    const isLast = chunk === chunks - 1;
    const expected = isLast ? octets - chunk * chunkOctets : chunkOctets;
    if (piece === undefined || piece.length !== expected) {
      yield failed(damaged(message));
      return;
    }
    hash.update(piece);
    if (isLast && !hash.digest().equals(digest)) {
      yield failed(damaged(message));
      return;
    }
    yield ok(piece);
  }
}

function damaged(message: number): StoreTrouble {
  const detail = `message ${message}: the octets on disk are not those that came`;
  return trouble('damaged', 'This message is damaged on the disk', detail, false);
}
