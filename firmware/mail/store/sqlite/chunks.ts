/*
 * Chunks of bodies as they lie on disk: compressed with zstd when that makes them smaller, with a
 * CRC-32 of the octets themselves, so that a chunk that is not what came is noticed when it is
 * read. Works on one chunk (64 KiB) at a time, which even a small board does in a millisecond or
 * two, so it is done in place: the zlib threads are SQLite's too.
 */
import { crc32, zstdDecompressSync } from 'node:zlib';
import { chunkOctets } from '../store.ts';
import type { Packer } from './packer.ts';

/** Chunks that one message may have, 64 GiB of them. Statements write it out: 1048576. */
const chunksOfMessage = 1_048_576;

/** Where a message's chunk lies in the table, so that a body is one range of it. */
export function chunkId(message: number, chunk: number): number {
  return message * chunksOfMessage + chunk;
}

/** The last place that a message's chunks can have. */
export function lastChunkId(message: number): number {
  return chunkId(message, chunksOfMessage - 1);
}

/** A chunk as it lies on disk: packed when `data` is shorter than `octets`. */
export interface PackedChunk {
  /** How many octets it came with. */
  readonly octets: number;
  /** Of the octets as they came. */
  readonly crc: number;
  readonly data: Uint8Array;
}

/** Below this nothing is gained: a zstd frame has a dozen octets of its own. */
const worthPacking = 128;

/** zlib's default output pieces are small;
 * one that holds the result and an octet is filled once. */
function outputOf(octets: number): number {
  return Math.max(octets + 1, 64);
}

/** The result does not share memory with `octets`. */
export function pack(octets: Uint8Array, packer: Packer): PackedChunk {
  const crc = crc32(octets);
  if (octets.length >= worthPacking) {
    const data = packer.pack(octets);
    if (data.length < octets.length) return { octets: octets.length, crc, data };
  }
  return { octets: octets.length, crc, data: Buffer.from(octets) };
}

/** The octets, or undefined when they are not the ones that were packed. */
export function unpack(chunk: PackedChunk): Uint8Array | undefined {
  return sound(chunk, isPacked(chunk) ? inflate(chunk.data, chunk.octets) : chunk.data);
}

/** Enough for the header fields that a person looks at. */
const beginningOctets = 16_384;

/** How a message begins, from its first chunk; nothing of one that is damaged. A copy: whoever keeps a
 * thousand beginnings is not to keep a thousand chunks, which a slice of a Buffer would. */
export function beginningOf(first: PackedChunk): Uint8Array {
  return new Uint8Array((unpack(first) ?? new Uint8Array(0)).subarray(0, beginningOctets));
}

/** Several chunks at once: zstd frames may stand one behind the other (RFC 8878 §3), and one call
 * costs little more than the octets, where a call for each costs an object of zlib's. */
export function unpackAll(chunks: readonly PackedChunk[]): (Uint8Array | undefined)[] {
  const packed = chunks.filter(isPacked);
  if (packed.length < 2) return chunks.map(unpack);
  const sum = packed.reduce((octets, chunk) => octets + chunk.octets, 0);
  const all = inflate(Buffer.concat(packed.map((chunk) => chunk.data)), sum);
  if (all === undefined) return chunks.map(unpack); // one is damaged: find out which
  let at = 0;
  return chunks.map((chunk) => {
    if (!isPacked(chunk)) return unpack(chunk);
    at += chunk.octets;
    return sound(chunk, all.subarray(at - chunk.octets, at)) ?? unpack(chunk);
  });
}

function isPacked(chunk: PackedChunk): boolean {
  return chunk.data.length < chunk.octets;
}

function inflate(frames: Uint8Array, octets: number): Uint8Array | undefined {
  try {
    const unpacked = zstdDecompressSync(frames, {
      maxOutputLength: octets,
      chunkSize: outputOf(octets),
    });
    return unpacked.length === octets ? unpacked : undefined;
  } catch {
    return undefined;
  }
}

function sound(chunk: PackedChunk, octets: Uint8Array | undefined): Uint8Array | undefined {
  return octets !== undefined && crc32(octets) === chunk.crc ? octets : undefined;
}

/** A few buffers of a chunk's size, used again: a message a millisecond would make much garbage. */
export class ChunkBuffers {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(chunkOctets);
  }

  give(buffer: Buffer): void {
    if (this.#free.length < 16) this.#free.push(buffer);
  }
}
