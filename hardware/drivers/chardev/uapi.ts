/*
 * The structures of the kernel's GPIO character device, version 2 (linux/gpio.h, since 5.10), as
 * octets: requests are written, answers are read. Layouts are the same on x86-64 and arm64, little
 * endian both. Pure; kernel.ts hands the octets over.
 */
import type { Active, Pull } from '../../boards/board.ts';

/** _IOR and _IOWR of <asm-generic/ioctl.h> with type 0xB4 and the size of the structure. */
export const requests = {
  chipInfo: 0x80_44_b4_01,
  lineInfo: 0xc1_00_b4_05,
  line: 0xc2_50_b4_07,
  setValues: 0xc0_10_b4_0f,
} as const;

const flag = {
  used: 1n << 0n,
  activeLow: 1n << 1n,
  input: 1n << 2n,
  output: 1n << 3n,
  risingEdge: 1n << 4n,
  fallingEdge: 1n << 5n,
  pullUp: 1n << 8n,
  pullDown: 1n << 9n,
} as const;

const attributeId = { flags: 1, values: 2, debounce: 3 } as const;

/** gpiochip_info: name[32], label[32], lines. */
export const chipInfoSize = 68;

export function readChipInfo(info: Buffer): { label: string; lines: number } {
  return { label: text(info, 32), lines: info.readUInt32LE(64) };
}

/** gpio_v2_line_info: name[32], consumer[32], offset, num_attrs, flags, ... */
export function lineInfo(offset: number): Buffer {
  const info = Buffer.alloc(256);
  info.writeUInt32LE(offset, 64);
  return info;
}

/** Who uses a line; undefined when nobody does. */
export function readConsumer(info: Buffer): string | undefined {
  const used = (info.readBigUInt64LE(72) & flag.used) !== 0n;
  return used ? text(info, 32) : undefined;
}

/** gpio_v2_line_request: offsets[64], consumer[32], config, num_lines, event_buffer_size,
 * padding[5], fd. */
const at = { consumer: 256, config: 288, lines: 560, fd: 588 } as const;
const requestSize = 592;

/** Lines for lamps: outputs, all dark. */
export function outputRequest(
  lines: readonly { gpio: number; active: Active }[],
  consumer: string,
): Buffer {
  const request = lineRequest(
    lines.map(({ gpio }) => gpio),
    consumer,
    flag.output,
  );
  // Values are logical: dark is 0 whatever the active level.
  const low = maskOf(lines.map(({ active }) => active === 'low'));
  writeAttribute(request, attributeId.flags, flag.output | flag.activeLow, low);
  return request;
}

/** A line for a button: both edges, debounced and pulled by the kernel. */
export function inputRequest(
  line: { gpio: number; active: Active; pull: Pull },
  debounceMs: number,
  consumer: string,
): Buffer {
  const pull = line.pull === 'up' ? flag.pullUp : flag.pullDown;
  const active = line.active === 'low' ? flag.activeLow : 0n;
  const flags = flag.input | flag.risingEdge | flag.fallingEdge | pull | active;
  const request = lineRequest([line.gpio], consumer, flags);
  writeAttribute(request, attributeId.debounce, BigInt(debounceMs * 1000), 1n);
  return request;
}

/** The file descriptor by which the kernel answers. */
export function readLineFd(request: Buffer): number {
  return request.readInt32LE(at.fd);
}

function lineRequest(offsets: readonly number[], consumer: string, flags: bigint): Buffer {
  const request = Buffer.alloc(requestSize);
  for (const [index, offset] of offsets.entries()) request.writeUInt32LE(offset, index * 4);
  request.write(consumer.slice(0, 31), at.consumer, 'latin1');
  request.writeBigUInt64LE(flags, at.config);
  request.writeUInt32LE(offsets.length, at.lines);
  return request;
}

/** The one attribute of gpio_v2_line_config: flags, num_attrs, padding[5], then id, padding, value,
 * and the mask of the lines it is for. */
function writeAttribute(request: Buffer, id: number, value: bigint, mask: bigint): void {
  if (mask === 0n) return;
  request.writeUInt32LE(1, at.config + 8);
  request.writeUInt32LE(id, at.config + 32);
  // debounce_period_us is 32 bits wide; little endian, it lies where the low half of a u64 does.
  request.writeBigUInt64LE(value, at.config + 40);
  request.writeBigUInt64LE(mask, at.config + 48);
}

/** gpio_v2_line_values: bits, mask. */
export function lineValues(values: readonly boolean[]): Buffer {
  const octets = Buffer.alloc(16);
  octets.writeBigUInt64LE(maskOf(values), 0);
  octets.writeBigUInt64LE((1n << BigInt(values.length)) - 1n, 8);
  return octets;
}

function maskOf(bits: readonly boolean[]): bigint {
  return bits.reduce((mask, bit, index) => (bit ? mask | (1n << BigInt(index)) : mask), 0n);
}

/** gpio_v2_line_event: timestamp_ns, id, offset, seqno, line_seqno, padding[6]. */
export const lineEventSize = 48;

export interface LineEvent {
  /** Nanoseconds of CLOCK_MONOTONIC. */
  readonly at: bigint;
  /** The line became active, as its active level has it. */
  readonly active: boolean;
}

export function readLineEvents(octets: Buffer): LineEvent[] {
  return Array.from({ length: Math.floor(octets.length / lineEventSize) }, (_, index) => ({
    at: octets.readBigUInt64LE(index * lineEventSize),
    active: octets.readUInt32LE(index * lineEventSize + 8) === 1,
  }));
}

/** A C string in a field of 32 octets. */
function text(octets: Buffer, from: number): string {
  const field = octets.toString('latin1', from, from + 32);
  return field.split('\0')[0] ?? '';
}
