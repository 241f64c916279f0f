/*
 * A program for tests: a front panel without a box, simulated on this terminal. SIGUSR1 brings mail
 * and takes it away again, SIGUSR2 logs a line, SIGINT ends.
 */
import { SystemClock } from '#base/clock';
import { GatheredStream } from '#base/gathered-stream';
import { Log } from '#base/log';
import { logOutput } from '#base/log-output';
import { ok } from '#base/result';
import { LastLine } from '#hardware/simulator/last-line';
import { SimulatedPanel } from '#hardware/simulator/simulated-panel';
import { FrontPanel } from '#panel/front-panel';

const clock = new SystemClock();
const line = new LastLine(process.stdout, () => process.stdout.columns);
const gathered = new GatheredStream(line);
process.once('exit', () => gathered.flush());
const log = new Log(logOutput(gathered, 'text', {}), clock);
const { stdin: input, stdout: output, env: environment } = process;
let mail = 0;
let changed = () => {};
const panel = new FrontPanel({
  driver: new SimulatedPanel({ line, input, output, environment, clock, log: log.of('panel') }),
  state: {
    current: () => ({
      health: 'well',
      unretrieved: new Map([['ann', mail]]),
      queue: { waiting: 0, busy: false, held: false, refused: false },
    }),
    watch: (tell) => {
      changed = tell;
      return { [Symbol.dispose]: () => {} };
    },
  },
  wishes: {
    flush: async () => ok('Flushed.'),
    toggleHold: async () => ok('On hold.'),
    wantsOwner: () => false,
    openSetUp: async () => ok('Set-up is open.'),
    shutDown: () => {},
    canShutDown: () => false,
  },
  accounts: () => [],
  clock,
  log: log.of('panel'),
});
process.on('SIGUSR1', () => {
  mail = 1 - mail;
  changed();
});
process.on('SIGUSR2', () => log.info('A line of the log'));
// Without a terminal nothing else keeps this program alive.
const alive = setInterval(() => {}, 1e6);
process.once('SIGINT', async () => {
  clearInterval(alive);
  await panel.stop();
  log.info('Off');
  gathered.flush();
  process.exit(0);
});
await panel.start();
log.info('Ready');
