/*
 * A serial line that may be unplugged and plugged in again: opens its device, hands out a ByteStream
 * for as long as it is there, and tries again every two seconds while it is not. Any tty will do:
 * UARTs, USB adapters, USB gadgets. The package `serialport` is loaded when the line starts, for few
 * boxes have one.
 *
 * It never asks the kernel to drain: that waits in one of the four threads that the mail store uses.
 */
import type { SerialPort } from 'serialport';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { failed, ok, type Result, type Trouble, trouble } from '#base/result';
import type { ByteStream } from '#control/console/byte-stream';
import { mendPort } from './mend-port.ts';

/** Of a setting such as serial.console. */
export interface SerialDevice {
  readonly path: string;
  /** Bits a second. */
  readonly baud: number;
}

export interface SerialLineParts {
  readonly device: SerialDevice;
  /** The setting that names the device, for sentences. */
  readonly setting: string;
  readonly clock: Clock;
  readonly log: Log;
}

const tryAgain = 2_000;

export class SerialLine {
  readonly #parts: SerialLineParts;
  #open: (stream: ByteStream) => void = () => {};
  #make: (() => SerialPort) | undefined;
  #port: SerialPort | undefined;
  #alarm: Disposable | undefined;
  #stopping = false;
  /** What was in the way last, and what was said about it. */
  #obstacle: string | undefined;
  #said: string | undefined;

  constructor(parts: SerialLineParts) {
    this.#parts = parts;
  }

  /** Calls `opened` each time that the line is there, the first time before it resolves if it is
   * there now. A device that is missing is waited for; a package that is missing is a trouble. */
  async start(opened: (stream: ByteStream) => void): Promise<Result<void, Trouble<'lost'>>> {
    const { path, baud } = this.#parts.device;
    try {
      const { SerialPort } = await import('serialport');
      this.#make = () => new SerialPort({ path, baudRate: baud, autoOpen: false });
    } catch (error) {
      return failed(trouble('lost', noPackage, messageOf(error), false));
    }
    this.#open = opened;
    await this.#try();
    if (this.#obstacle !== undefined) this.#complain(this.#obstacle);
    return ok(undefined);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#alarm?.[Symbol.dispose]();
    const port = this.#port;
    if (port?.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
  }

  async #try(): Promise<void> {
    const port = this.#make?.();
    if (port === undefined || this.#stopping) return;
    this.#port = port;
    // Every error ends in `close`, or is the one that `open` tells.
    port.on('error', () => {});
    const error = await new Promise<Error | null>((resolve) => port.open(resolve));
    if (error !== null) {
      const before = this.#obstacle;
      this.#obstacle = obstacleInWords(error.message, this.#parts);
      // A device that has just been plugged in may not be ours to use yet: once is not enough.
      if (before === this.#obstacle) this.#complain(before);
      this.#later();
      return;
    }
    if (this.#stopping) {
      port.close();
      return;
    }
    const { log, device } = this.#parts;
    if (this.#obstacle !== undefined) log.info(`The serial line ${device.path} is there`);
    this.#obstacle = undefined;
    this.#said = undefined;
    mendPort(port);
    port.once('close', () => this.#dropped());
    this.#open(new PortStream(device.path, port));
  }

  #dropped(): void {
    if (this.#stopping) return;
    const { log, device } = this.#parts;
    this.#obstacle = `The serial line ${device.path} was unplugged; it is taken up when it is back.`;
    this.#said = this.#obstacle;
    log.info(this.#obstacle);
    this.#later();
  }

  #later(): void {
    this.#alarm = this.#parts.clock.after(tryAgain, () => void this.#try());
  }

  #complain(say: string): void {
    if (say === this.#said) return;
    this.#said = say;
    this.#parts.log.warn(say);
  }
}

/** An open port, until it closes. */
class PortStream implements ByteStream {
  readonly name: string;
  readonly dropped: Promise<void>;
  readonly #port: SerialPort;

  constructor(name: string, port: SerialPort) {
    this.name = name;
    this.#port = port;
    this.dropped = new Promise((resolve) => port.once('close', () => resolve()));
    port.resume();
  }

  get waiting(): number {
    return this.#port.writableLength;
  }

  write(octets: string | Uint8Array): void {
    if (this.#port.isOpen) this.#port.write(octets);
  }

  drained(): Promise<void> {
    const port = this.#port;
    if (port.writableLength === 0 || !port.isOpen) return Promise.resolve();
    const empty = new Promise<void>((resolve) => {
      // The callback of a write comes after all that was written before it.
      port.write(Buffer.alloc(0), () => resolve());
    });
    return Promise.race([empty, this.dropped]);
  }

  read(came: (octets: Uint8Array) => void): void {
    this.#port.on('data', came);
  }
}

const noPackage =
  'The package for serial lines is not installed. Run scripts/setup --again, and start the box anew.';

/** What the package says, in words with a remedy. */
function obstacleInWords(message: string, { device, setting }: SerialLineParts): string {
  const { path } = device;
  if (/permission denied/i.test(message)) {
    return `${path} may not be used by this user. Add the user to the group of the device: dialout.`;
  }
  if (/lock|busy/i.test(message)) {
    return `${path} is used by another program (a getty, a terminal program, another box).`;
  }
  if (/no such (file|device)|cannot open/i.test(message) && !/not a|ioctl/i.test(message)) {
    return `${path} (setting ${setting}) is not there; the box takes it up when it is plugged in.`;
  }
  return `${path} (setting ${setting}) cannot be used as a serial line: ${message}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
