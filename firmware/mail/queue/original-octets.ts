/*
 * A queued message as a report returns it whole: chunk after chunk, every line end CR LF, without
 * the Return-Path field that the box put on top. One chunk is in memory at a time.
 */
import { failed, ok, type Result, trouble } from '#base/result';
import { Canonical } from '../message/canonical.ts';
import { OutgoingHeader } from '../message/outgoing-header.ts';
import { chunkOctets, type Store, type StoreTrouble } from '../store/store.ts';
import type { QueueItem } from './queue.ts';

export async function* originalOctets(
  store: Pick<Store, 'read'>,
  { message, octets }: Pick<QueueItem, 'message' | 'octets'>,
): AsyncGenerator<Result<Uint8Array, StoreTrouble>> {
  const canonical = new Canonical();
  const header = new OutgoingHeader();
  for (let chunk = 0; chunk * chunkOctets < octets; chunk++) {
    const read = await store.read([{ message, chunk }]);
    if (!read.ok) return yield read;
    const [piece] = read.value;
    const expected = Math.min(octets - chunk * chunkOctets, chunkOctets);
    if (piece?.length !== expected) return yield failed(short(message, chunk));
    const form = canonical.update(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    yield ok(header.update(form));
  }
  yield ok(header.update(canonical.end()));
  yield ok(header.end());
}

function short(message: number, chunk: number): StoreTrouble {
  const detail = `chunk ${chunk} of message ${message} has not its octets`;
  return trouble('damaged', 'This message is damaged', detail, false);
}
