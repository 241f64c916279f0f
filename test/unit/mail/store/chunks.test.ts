/* Packing chunks: what comes back is what went in, or nothing. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type PackedChunk, pack, unpack, unpackAll } from '#mail/store/sqlite/chunks';
import { Packer } from '#mail/store/sqlite/packer';

const packer = new Packer();
const packed = (octets: Buffer) => pack(octets, packer);

const kinds: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('short'),
  Buffer.alloc(10_000, 'text that packs well\r\n'),
  randomBytes(10_000),
  Buffer.alloc(65_536, 'a full chunk '),
  randomBytes(65_536),
];

test('each kind of chunk comes back as it was', () => {
  for (const octets of kinds) assert.deepEqual(Buffer.from(unpack(packed(octets)) ?? ''), octets);
});

test('chunks unpacked together are what they are alone', () => {
  const together = unpackAll(kinds.map(packed)).map((octets) => Buffer.from(octets ?? ''));
  assert.deepEqual(together, kinds);
});

test('a text is packed, noise is not, and neither gets longer', () => {
  for (const octets of kinds) assert.ok(packed(octets).data.length <= octets.length);
  assert.ok(packed(kinds[2] as Buffer).data.length < 200);
});

test('a damaged chunk is noticed, alone and among others, and spoils only itself', () => {
  const sound = kinds.map(packed);
  for (const [place, chunk] of sound.entries()) {
    if (chunk.data.length === 0) continue;
    for (const at of [0, chunk.data.length >> 1, chunk.data.length - 1]) {
      const data = Buffer.from(chunk.data);
      data[at] = (data[at] ?? 0) ^ 0x40;
      const damaged: PackedChunk = { ...chunk, data };
      assert.equal(unpack(damaged), undefined, `octet ${at} of chunk ${place}`);
      const all = unpackAll(sound.with(place, damaged));
      for (const [other, octets] of all.entries()) {
        assert.equal(octets === undefined, other === place);
      }
    }
  }
});

test('a chunk that claims to be longer than it is gives nothing', () => {
  const chunk = packed(Buffer.alloc(1_000, 'x'));
  assert.equal(unpack({ ...chunk, octets: 999 }), undefined);
  assert.equal(unpack({ ...chunk, octets: 1_001 }), undefined);
});
