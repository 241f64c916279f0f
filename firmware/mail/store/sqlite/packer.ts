/*
 * Compresses chunks, each into a zstd frame of its own (RFC 8878 §3.1.1). Node's own call for that
 * makes a stream and a compressor for each, which for a short letter is three quarters of the work,
 * and leaves objects behind that only a full garbage collection frees. Here one compressor is kept.
 *
 * It lies in a stream of Node's, in properties that the types leave out. The runtime is pinned, and a
 * test fails when they are gone; then, and after any trouble, Node's own call does it.
 */
import { constants, createZstdCompress, type ZstdCompress, zstdCompressSync } from 'node:zlib';
import { chunkOctets } from '../store.ts';

const params = { [constants.ZSTD_c_compressionLevel]: 1 };

/** What noise may grow by (ZSTD_COMPRESSBOUND), and more. */
const roomOctets = chunkOctets + 1_024;

/** What zlib's streams have. */
interface Hidden {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputFrom: number,
      inputLength: number,
      output: Uint8Array,
      outputFrom: number,
      outputLength: number,
    ): void;
  };
  /** After a write: octets of the output that are free, octets of the input that are not read. */
  readonly _writeState: Uint32Array;
}

export type MakeCompressor = () => ZstdCompress;

const makeCompressor: MakeCompressor = () => createZstdCompress({ params, chunkSize: 64 });

export class Packer {
  readonly #make: MakeCompressor;
  #compressor: ZstdCompress | undefined;
  #room: Buffer | undefined;

  constructor(make: MakeCompressor = makeCompressor) {
    this.#make = make;
  }

  /** The frame of at most a chunk; shares no memory with anything. */
  pack(octets: Uint8Array): Uint8Array {
    return this.#pack(octets) ?? packAlone(octets);
  }

  /** Undefined: it did not come to a whole frame. */
  #pack(octets: Uint8Array): Uint8Array | undefined {
    this.#room ??= Buffer.allocUnsafeSlow(roomOctets);
    this.#compressor ??= this.#make().on('error', () => {});
    const compressor = this.#compressor;
    const { _handle: handle, _writeState: state } = compressor as unknown as Partial<Hidden>;
    const room = this.#room;
    try {
      handle?.writeSync(constants.ZSTD_e_end, octets, 0, octets.length, room, 0, room.length);
    } catch {
      return this.#begin();
    }
    if (handle === undefined || state === undefined || compressor.destroyed) return this.#begin();
    const [free = 0, unread = 1] = state;
    if (free === 0 || unread > 0) return this.#begin();
    return Buffer.from(room.subarray(0, room.length - free));
  }

  /** Anew, with the next one: nobody knows what lies in this. */
  #begin(): undefined {
    this.#compressor?.destroy();
    this.#compressor = undefined;
  }
}

function packAlone(octets: Uint8Array): Uint8Array {
  // Told the size, zstd takes tables that fit it; zlib's default output pieces are small, and one
  // that holds the result and an octet is filled once.
  const pledgedSrcSize = octets.length;
  return zstdCompressSync(octets, { params, pledgedSrcSize, chunkSize: octets.length + 64 });
}
