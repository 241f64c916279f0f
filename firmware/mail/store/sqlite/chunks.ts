/*
 * Chunks of bodies as they lie on disk: compressed with zstd when that makes them smaller, with a
 * CRC-32 of the octets themselves, so that a chunk that is not what came is noticed when it is
 * read. Works on one chunk (64 KiB) at a time, which even a small board does in a millisecond or
 * two, so it is done in place: the zlib threads are SQLite's too.
 */
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { chunkOctets } from '../store.ts';

export interface PackedChunk {
  readonly packed: 0 | 1;
  readonly crc: number;
  readonly data: Uint8Array;
}

/** Below this nothing is gained: a zstd frame has a dozen octets of its own. */
const worthPacking = 128;

const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** The result does not share memory with `octets`. */
export function pack(octets: Uint8Array): PackedChunk {
  const crc = crc32(octets);
  if (octets.length >= worthPacking) {
    const data = zstdCompressSync(octets, options);
    if (data.length < octets.length) return { packed: 1, crc, data };
  }
  return { packed: 0, crc, data: Buffer.from(octets) };
}

/** The octets, or undefined when they are not the ones that were packed. */
export function unpack(chunk: PackedChunk): Uint8Array | undefined {
  let octets = chunk.data;
  if (chunk.packed === 1) {
    try {
      octets = zstdDecompressSync(chunk.data, { maxOutputLength: chunkOctets });
    } catch {
      return undefined;
    }
  }
  return crc32(octets) === chunk.crc ? octets : undefined;
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
