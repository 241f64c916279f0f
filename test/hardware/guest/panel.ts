/*
 * The two drivers of pins, made as main makes them, for the tests in the guest; and as a program a
 * panel that a test can kill: `panel.ts DRIVER NOTES` lights the lamp mail and says "lit" and what
 * the panel added to its memory; told "exit" on its standard input, it ends itself without stopping
 * the panel.
 */
import { SystemClock } from '#base/clock';
import { Log } from '#base/log';
import type { OwnPin } from '#hardware/boards/own-pins';
import { Chardev } from '#hardware/drivers/chardev/chardev';
import { OnoffPins } from '#hardware/drivers/onoff/onoff';
import { PinPanel } from '#hardware/drivers/pin-panel';
import type { PanelDriver } from '#panel/panel';

export const drivers = ['chardev', 'onoff'] as const;
export type DriverName = (typeof drivers)[number];

export const clock = new SystemClock();
export const log = new Log(() => {}, clock);

export interface PanelWishes {
  readonly model?: string;
  readonly own?: readonly OwnPin[];
  readonly notes?: string;
}

export function makePinPanel(driver: DriverName, wishes: PanelWishes = {}): PanelDriver {
  const { model = '', own = [], notes = '/run/restante-pins' } = wishes;
  const parts = { clock, log, model: async () => model, own };
  return driver === 'chardev'
    ? new PinPanel(new Chardev(clock), parts)
    : new PinPanel(new OnoffPins(clock, notes), parts);
}

async function beKilled(driver: DriverName, notes: string): Promise<void> {
  const before = process.memoryUsage.rss();
  const panel = makePinPanel(driver, { notes });
  const started = await panel.start(() => {});
  if (!started.ok) throw new Error(started.error.say);
  panel.show(new Map([['mail', 'on']]));
  process.stdin.once('data', () => process.exit(3));
  const added = (process.memoryUsage.rss() - before) / 1_048_576;
  console.log(`lit, ${added.toFixed(1)} MB`);
}

const [driver, notes] = process.argv.slice(2);
if (import.meta.main) await beKilled(driver === 'onoff' ? 'onoff' : 'chardev', notes ?? '');
