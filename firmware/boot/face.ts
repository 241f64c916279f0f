/*
 * A page of the boot log in main.ts: the front panel and the serial console. A driver that does not
 * work is a sentence in the log and in `restante panel`; the box runs on without lamps.
 */
import { join } from 'node:path';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { ok, type Result } from '#base/result';
import type { HouseFlush } from '#box/house-flush';
import { frontDoors } from '#box/pages-book';
import type { PanelState } from '#box/panel-state';
import type { RunningBox } from '#box/running-box';
import type { PanelBook } from '#control/box';
import { Console } from '#control/console/console';
import { verbs } from '#control/verbs/table';
import { counted } from '#control/words';
import { readModel } from '#hardware/boards/model';
import { ConsoleLine } from '#hardware/drivers/serial/console-line';
import { SerialPanel } from '#hardware/drivers/serial/serial-panel';
import { makePanel } from '#hardware/panels';
import type { LastLine } from '#hardware/simulator/last-line';
import { SimulatedPanel } from '#hardware/simulator/simulated-panel';
import type { Doorkeeper } from '#mail/accounts/doorkeeper';
import type { Household } from '#mail/accounts/household';
import type { History } from '#mail/history/history';
import type { OwnerPassword } from '#mail/owner/owner-password';
import type { QueueTimes } from '#mail/queue/box-time';
import type { Queue } from '#mail/queue/queue';
import type { Uplinks } from '#mail/uplinks/uplinks';
import type { Discovery } from '#net/discovery/discovery';
import { FrontPanel, type PanelWishes } from '#panel/front-panel';
import type { PanelDriver } from '#panel/panel';
import type { LiveSettings } from '#settings/settings';
import type { Dispatcher } from '#uplink/dispatcher';
import type { SetUpWindow } from '#web/set-up-window';

export interface FaceParts {
  readonly settings: LiveSettings;
  readonly data: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: PanelState;
  readonly dispatcher: Dispatcher;
  /** What a short press does. */
  readonly everything: HouseFlush;
  readonly times: QueueTimes;
  readonly queue: Queue;
  readonly uplinks: Pick<Uplinks, 'list'>;
  readonly history: History;
  readonly owner: Pick<OwnerPassword, 'state'>;
  readonly setUp: SetUpWindow;
  readonly discovery: Pick<Discovery, 'called'>;
  /** What the log is written through, when the panel may be on the terminal. */
  readonly line: LastLine;
  /** Ends the box, and on an appliance the machine. */
  readonly shutDown: (because: string) => void;
}

/** Messages whose history says that the button was pressed; the log has it for all. */
const mostNoted = 500;

/** The panel at work, for the control door. */
export async function openPanel(
  ground: FaceParts,
  parts: AsyncDisposableStack,
): Promise<PanelBook> {
  const { settings, data, clock, log, state, line } = ground;
  const panelLog = log.of('panel');
  const driver = makePanel(settings.current['panel.driver'], {
    clock,
    log: panelLog,
    model: readModel,
    own: settings.current['panel.pins'],
    notes: join(process.env['RUNTIME_DIRECTORY'] ?? data, 'pins'),
    simulated: () =>
      new SimulatedPanel({
        line,
        input: process.stdin,
        output: process.stdout,
        environment: process.env,
        clock,
        log: panelLog,
      }),
    serial: () =>
      new SerialPanel({ device: settings.current['serial.panel'], clock, log: panelLog }),
  });
  const panel = new FrontPanel({
    driver: driver ?? noDriver,
    state,
    wishes: wishesOf(ground),
    accounts: () => accountsWithLamp(settings),
    clock,
    log: panelLog,
  });
  await panel.start();
  parts.defer(() => panel.stop());
  settings.watch(() => panel.refresh());
  return panel;
}

/** The console on a serial line, when the settings name one. */
export async function openConsole(
  box: RunningBox,
  { settings, clock, log }: Pick<FaceParts, 'settings' | 'clock' | 'log'>,
  { household, doorkeeper }: { household: Household; doorkeeper: Doorkeeper },
  parts: AsyncDisposableStack,
): Promise<void> {
  const device = settings.current['serial.console'];
  if (device.path === '') return;
  const consoleLog = log.of('console');
  const console = new Console({
    verbs,
    box,
    signIn: doorkeeper,
    directory: household,
    hasAccounts: () => household.list().length > 0,
    greeting: () => `This is the mail box ${settings.current['host.name']}.`,
    clock,
    log: consoleLog,
  });
  const line = new ConsoleLine({ device, clock, log: consoleLog }, console);
  const started = await line.start();
  if (!started.ok) consoleLog.warn(started.error.say, { detail: started.error.detail });
  parts.defer(() => line.stop());
}

function wishesOf(ground: FaceParts): PanelWishes {
  const { settings, dispatcher, everything, times, queue, history, uplinks } = ground;
  const { owner, setUp, discovery, shutDown } = ground;
  const note = async (done: string, because: string) => {
    const waiting = await queue.list({}, mostNoted);
    if (!waiting.ok || waiting.value.length === 0) return;
    const messages = waiting.value.map(({ message }) => message);
    history.note(messages, `${done}, because ${because}`);
  };
  return {
    async flush(because) {
      await note('tried now', because);
      const { messages, sent, later, gaveUp, untried, collected } = await everything({});
      const came = collected === 0 ? '' : ` ${counted(collected, 'message')} collected.`;
      if (messages === 0) return ok(`Nothing waits to go out.${came}`);
      const counts = `${sent} sent, ${later} later, ${gaveUp} given up, ${untried} not tried`;
      return ok(`Everything that waited was tried: ${counts}.${came}`);
    },
    async toggleHold(because): Promise<Result<string>> {
      const held = !times.held;
      // Before it goes: what is released leaves at once.
      if (!held) await note('hold released', because);
      const done = held ? await dispatcher.hold() : await dispatcher.release();
      if (!done.ok) return done;
      if (held) await note('put on hold', because);
      return ok(held ? 'On hold: nothing goes out until it is released.' : 'Hold is released.');
    },
    // A box that sends already was set up by commands: there, the button holds.
    wantsOwner: () =>
      owner.state === 'none' &&
      settings.current['webs.port'] !== 0 &&
      uplinks.list().length === 0 &&
      !times.held,
    async openSetUp() {
      setUp.openByButton();
      const where = frontDoors({ settings, discovery }).join(' or ');
      return ok(`Set-up is open for ten minutes: go on in a browser, at ${where}`);
    },
    shutDown,
    canShutDown: () => settings.current.profile === 'appliance',
  };
}

/** Those of panel.lamps, and those that a pin was given for. */
function accountsWithLamp({ current }: LiveSettings): readonly string[] {
  const named = current['panel.lamps'].split(',').map((name) => name.trim());
  const pinned = current['panel.pins'].flatMap(({ name }) => /^mail\.(.+)$/.exec(name)?.[1] ?? []);
  return [...new Set([...named, ...pinned])].filter((name) => name !== '');
}

/** panel.driver is none: the lamps can be asked for all the same. */
const noDriver: PanelDriver = {
  name: 'none',
  start: async () => ok(undefined),
  show: () => {},
  stop: async () => {},
};
