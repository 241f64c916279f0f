/* The kernel's structures as octets. That the kernel agrees is shown in test/hardware. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as uapi from '#hardware/drivers/chardev/uapi';

test('the numbers of the requests carry the sizes of their structures', () => {
  const sizeOf = (request: number) => (request >>> 16) & 0x3fff;
  assert.equal(sizeOf(uapi.requests.chipInfo), uapi.chipInfoSize);
  assert.equal(sizeOf(uapi.requests.lineInfo), uapi.lineInfo(0).length);
  assert.equal(sizeOf(uapi.requests.line), uapi.outputRequest([], 'x').length);
  assert.equal(sizeOf(uapi.requests.setValues), uapi.lineValues([]).length);
});

test('a chip: its label and its lines', () => {
  const info = Buffer.alloc(uapi.chipInfoSize);
  info.write('gpiochip0\0garbage', 0, 'latin1');
  info.write('pinctrl-rp1\0garbage', 32, 'latin1');
  info.writeUInt32LE(54, 64);
  assert.deepEqual(uapi.readChipInfo(info), { label: 'pinctrl-rp1', lines: 54 });
});

test('a line: who uses it', () => {
  const info = uapi.lineInfo(17);
  assert.equal(info.readUInt32LE(64), 17);
  info.write('sysfs', 32);
  assert.equal(uapi.readConsumer(info), undefined);
  info.writeBigUInt64LE(1n, 72);
  assert.equal(uapi.readConsumer(info), 'sysfs');
});

test('lamps: outputs; those lit at 0 V are marked', () => {
  const lines = [
    { gpio: 17, active: 'high' },
    { gpio: 27, active: 'low' },
    { gpio: 22, active: 'low' },
  ] as const;
  const request = uapi.outputRequest(lines, 'restante');
  assert.deepEqual(
    [0, 4, 8, 12].map((at) => request.readUInt32LE(at)),
    [17, 27, 22, 0],
  );
  assert.equal(request.toString('latin1', 256, 265), 'restante\0');
  assert.equal(request.readBigUInt64LE(288), 8n, 'output');
  assert.equal(request.readUInt32LE(296), 1, 'one attribute');
  assert.equal(request.readUInt32LE(320), 1, 'it is flags');
  assert.equal(request.readBigUInt64LE(328), 8n | 2n, 'output and active low');
  assert.equal(request.readBigUInt64LE(336), 0b110n, 'for the second and third line');
  assert.equal(request.readUInt32LE(560), 3, 'three lines');
});

test('lamps that are all lit at 3.3 V need no attribute', () => {
  const request = uapi.outputRequest([{ gpio: 17, active: 'high' }], 'restante');
  assert.equal(request.readUInt32LE(296), 0);
});

test('a button: both edges, pulled, debounced, of whatever level', () => {
  const up = uapi.inputRequest({ gpio: 23, active: 'low', pull: 'up' }, 15, 'restante');
  assert.equal(up.readBigUInt64LE(288), 2n | 4n | 16n | 32n | 256n);
  assert.equal(up.readUInt32LE(320), 3, 'the attribute is a debounce period');
  assert.equal(up.readUInt32LE(328), 15_000, 'microseconds');
  assert.equal(up.readBigUInt64LE(336), 1n);
  const down = uapi.inputRequest({ gpio: 23, active: 'high', pull: 'down' }, 15, 'restante');
  assert.equal(down.readBigUInt64LE(288), 4n | 16n | 32n | 512n);
});

test('levels: a bit for each lamp, in their order, and no other', () => {
  const octets = uapi.lineValues([true, false, true]);
  assert.equal(octets.readBigUInt64LE(0), 0b101n);
  assert.equal(octets.readBigUInt64LE(8), 0b111n);
});

test('events: as many as there are whole ones', () => {
  const octets = Buffer.alloc(2 * uapi.lineEventSize + 5);
  octets.writeBigUInt64LE(123n, 0);
  octets.writeUInt32LE(1, 8);
  octets.writeBigUInt64LE(456n, uapi.lineEventSize);
  octets.writeUInt32LE(2, uapi.lineEventSize + 8);
  assert.deepEqual(uapi.readLineEvents(octets), [
    { at: 123n, active: true },
    { at: 456n, active: false },
  ]);
});
