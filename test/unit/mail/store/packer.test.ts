/* One compressor for all chunks: each frame is what Node's own call would make of its chunk alone. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  constants,
  createZstdCompress,
  type ZstdCompress,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import { Packer } from '#mail/store/sqlite/packer';
import { chunkOctets } from '#mail/store/store';

const text = Buffer.from('A line of a letter, and then another one.\r\n');
const noise = randomBytes(chunkOctets);
const lengths = [1, 127, 128, 129, 1_000, 4_096, 10_240, 65_535, chunkOctets];

/** Text, noise, and both, in all lengths, each behind each. */
function* chunks(): Generator<Buffer> {
  for (const length of lengths) {
    yield Buffer.alloc(length, text);
    yield noise.subarray(0, length);
    yield Buffer.concat([noise.subarray(0, length >> 1), Buffer.alloc(length, text)], length);
    yield Buffer.alloc(length, noise.subarray(0, 700));
  }
}

function alone(octets: Buffer): Buffer {
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  return zstdCompressSync(octets, { params, pledgedSrcSize: octets.length });
}

test('a frame is what it would be alone, whatever was packed before', () => {
  const packer = new Packer();
  const all = [...chunks()];
  for (const one of [...all, ...all.toReversed()]) {
    const frame = packer.pack(one);
    assert.deepEqual(zstdDecompressSync(frame), one);
    assert.deepEqual(frame, alone(one));
  }
});

test('a frame stays what it is when the next is packed', () => {
  const packer = new Packer();
  const frame = packer.pack(text);
  packer.pack(noise);
  assert.deepEqual(zstdDecompressSync(frame), text);
});

test('the runtime has what the packer uses', () => {
  const { _handle, _writeState } = createZstdCompress() as ZstdCompress & Record<string, unknown>;
  assert.equal(typeof (_handle as { writeSync?: unknown }).writeSync, 'function');
  assert.ok(_writeState instanceof Uint32Array && _writeState.length === 2);
});

const troubles: Record<string, (compressor: ZstdCompress) => object> = {
  'is another one': () => ({ _handle: undefined, _writeState: undefined }),
  throws: () => ({
    _handle: {
      writeSync: () => {
        throw new Error('it will not');
      },
    },
  }),
  'fails as zlib does': (compressor) => ({
    _handle: { writeSync: () => compressor.destroy(new Error('it fails')) },
  }),
  'has no room': () => ({
    _handle: { writeSync: () => {} },
    _writeState: Uint32Array.of(0, 0),
  }),
  'leaves something': () => ({
    _handle: { writeSync: () => {} },
    _writeState: Uint32Array.of(9, 1),
  }),
};

for (const [what, broken] of Object.entries(troubles)) {
  test(`a compressor that ${what} is given up, and the chunk packed all the same`, () => {
    let made = 0;
    const packer = new Packer(() => {
      made += 1;
      const compressor = createZstdCompress();
      return made === 1 ? Object.assign(compressor, broken(compressor)) : compressor;
    });
    for (let time = 0; time < 3; time += 1) {
      assert.deepEqual(zstdDecompressSync(packer.pack(text)), text);
    }
    assert.equal(made, 2);
  });
}
