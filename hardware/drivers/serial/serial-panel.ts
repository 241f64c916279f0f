/*
 * The front panel on a serial line: a microcontroller with lamps and button, as in
 * hardware/espruino/panel.js. The lamps are told whenever they change and every two seconds, so that
 * a line in which something was lost is right again soon, and a panel that hears nothing puts its
 * lamps out. Unplugging and plugging in again is no trouble.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { failed, type Result, trouble } from '#base/result';
import type { ByteStream } from '#control/console/byte-stream';
import type { ButtonEvent, Lamps, PanelDriver, PanelTrouble } from '#panel/panel';
import {
  heartbeat,
  heldFor,
  helloLine,
  LineSplitter,
  lampsLine,
  lampsThatFit,
  type PanelLine,
  readPanelLine,
  version,
} from './panel-protocol.ts';
import { type SerialDevice, SerialLine } from './serial-line.ts';

export interface SerialPanelParts {
  readonly device: SerialDevice;
  readonly clock: Clock;
  readonly log: Log;
}

/** More than this many octets waiting: the panel does not keep up, and gets the newest later. */
const mostWaiting = 512;
/** How long (ms) a line that is closed is waited for. */
const lastWord = 200;

const noLineSet: PanelTrouble = trouble(
  'lost',
  'No serial line is set. Name it by: scripts/restante settings set serial.panel ' +
    '/dev/serial/by-id/usb-...; then start the box anew.',
  'serial.panel is empty',
  false,
);

export class SerialPanel implements PanelDriver {
  readonly name = 'serial';
  readonly #parts: SerialPanelParts;
  readonly #line: SerialLine;
  #pressed: (event: ButtonEvent) => void = () => {};
  #lamps: Lamps = new Map();
  #stream: ByteStream | undefined;
  #beat: Disposable | undefined;
  /** Since the line was opened, it has said what it is. */
  #isKnown = false;
  /** Lamps that its lines have no room for. */
  #without = 0;
  /** While the button is down: when it went there, here and on the panel's clock. */
  #down: { readonly here: number; readonly there: number } | undefined;

  constructor(parts: SerialPanelParts) {
    this.#parts = parts;
    this.#line = new SerialLine({ ...parts, setting: 'serial.panel' });
  }

  async start(pressed: (event: ButtonEvent) => void): Promise<Result<void, PanelTrouble>> {
    if (this.#parts.device.path === '') return failed(noLineSet);
    this.#pressed = pressed;
    return this.#line.start((stream) => this.#opened(stream));
  }

  show(lamps: Lamps): void {
    this.#lamps = lamps;
    this.#tell();
    const without = lamps.size - lampsThatFit(lamps).size;
    if (without === this.#without) return;
    this.#without = without;
    if (without === 0) return;
    this.#parts.log.warn(
      `The serial panel shows no lamp for ${without} of the accounts: its lines have no room. ` +
        'Name fewer in the setting panel.lamps.',
    );
  }

  async stop(): Promise<void> {
    this.#beat?.[Symbol.dispose]();
    const stream = this.#stream;
    if (stream !== undefined) {
      stream.write(lampsLine(new Map([...this.#lamps.keys()].map((lamp) => [lamp, 'off']))));
      const { promise, resolve } = Promise.withResolvers<void>();
      using _alarm = this.#parts.clock.after(lastWord, resolve);
      await Promise.race([stream.drained(), promise]);
    }
    this.#stream = undefined;
    await this.#line.stop();
  }

  #opened(stream: ByteStream): void {
    this.#stream = stream;
    this.#isKnown = false;
    const splitter = new LineSplitter();
    stream.read((octets) => {
      for (const line of splitter.push(octets)) this.#heard(readPanelLine(line));
    });
    void stream.dropped.then(() => this.#dropped(stream));
    stream.write(helloLine);
    this.#tell();
  }

  #dropped(stream: ByteStream): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#beat?.[Symbol.dispose]();
    this.#loseFinger();
  }

  #heard(line: PanelLine | undefined): void {
    if (line === undefined) return;
    if (line.kind === 'panel') {
      this.#welcome(line);
      return;
    }
    const now = this.#parts.clock.elapsed();
    const { button } = line;
    if (line.down) {
      this.#down = { here: now, there: line.at };
      this.#pressed({ button, down: true, at: now });
    } else if (this.#down !== undefined) {
      const { here, there } = this.#down;
      this.#down = undefined;
      this.#pressed({ button, down: false, at: here + heldFor(there, line.at, now - here) });
    }
  }

  /** The panel has just started: it knows nothing, and no finger that was there before. */
  #welcome(line: Extract<PanelLine, { kind: 'panel' }>): void {
    this.#loseFinger();
    this.#tell();
    // A board that starts again and again would fill the log.
    if (this.#isKnown) return;
    this.#isKnown = true;
    const { log, device } = this.#parts;
    log.info(`The panel at ${device.path} is there`, { panel: line.text, version: line.version });
    if (line.version === version) return;
    log.warn(
      `The panel speaks version ${line.version}, this box ${version}: load its program anew`,
    );
  }

  #loseFinger(): void {
    if (this.#down === undefined) return;
    this.#down = undefined;
    const at = this.#parts.clock.elapsed();
    this.#pressed({ button: 'flush', down: false, at, lost: true });
  }

  #tell(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#beat?.[Symbol.dispose]();
    this.#beat = this.#parts.clock.after(heartbeat, () => this.#tell());
    if (stream.waiting < mostWaiting) stream.write(lampsLine(this.#lamps));
  }
}
