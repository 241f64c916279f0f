/*
 * A queue that waits: how fast messages for elsewhere are taken into it, what ten thousand of them
 * cost in memory, and how soon after a flush the first octet is at the uplink. The queue is held,
 * so that nothing leaves it meanwhile.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Postfix } from '../postfix.ts';
import { Restante } from '../restante.ts';
import { type Forwarder, inTurns, type Rig, seconds, withFolder, withServer } from '../rig.ts';
import type { Figure, Row } from '../row.ts';
import { prepare, submit } from './queue-drain.ts';

const submitted = 3_000;
/** In all, which is the most that a device may send in an hour; the first ones warm the box up. */
const waiting = 10_000;
const warmUp = 100;
const flushes = 10;
const megabyte = 1_048_576;
/** Long enough for a garbage collection and a checkpoint to pass. */
const settleMs = 3_000;

export const queueSubmit: Row = {
  name: 'queue-submit',
  what: 'submission into a queue that is held, 3,000 x 10 KiB, 20 sessions',
  measure: (rig) =>
    withFolder(async (folder) => {
      const postfix = new Postfix(join(folder, 'postfix'), { port: 9, hold: true });
      const restante = new Restante(rig.dist ?? '', join(folder, 'restante'));
      if (rig.dist !== undefined) await prepare(restante, 9, 10);
      const one = (server: Forwarder) =>
        withServer(
          server,
          async () => submitted / (await seconds(() => submit(server.smtpPort, submitted))),
        );
      const turns = await inTurns(
        rig,
        () => one(postfix),
        () => one(restante),
      );
      const figure: Figure = {
        ...{ name: queueSubmit.what, unit: 'msg/s', better: 'more', peerName: 'Postfix' },
        ...turns,
        goal: 'shown only',
      };
      return [figure];
    }),
};

export const queueWaiting: Row = {
  name: 'queue-waiting',
  what: `memory that ${waiting} queued messages add; a flush until the first octet at the uplink`,
  measure: (rig) => (rig.dist === undefined ? Promise.resolve([]) : measureWaiting(rig, rig.dist)),
};

async function measureWaiting(rig: Rig, dist: string): Promise<readonly Figure[]> {
  await using provider = await RudeProvider.start();
  const memory: number[] = [];
  const times: number[] = [];
  await withFolder(async (folder) => {
    const restante = new Restante(dist, join(folder, 'restante'));
    await prepare(restante, provider.port, 2);
    await withServer(restante, async () => {
      await submit(restante.smtpPort, warmUp);
      await pause(settleMs);
      const before = restante.memory().pss;
      await submit(restante.smtpPort, waiting - warmUp);
      await pause(settleMs);
      memory.push((restante.memory().pss - before) / megabyte);
      for (let count = 0; count < flushes * rig.rounds; count += 1) {
        const first = provider.next();
        const began = performance.now();
        const flushed = restante.command('flush');
        times.push((await first) - began);
        await flushed;
      }
    });
  });
  const shown = { better: 'less', peerName: 'none', peer: [] } as const;
  return [
    {
      ...{ ...shown, unit: 'MB PSS', restante: memory, goal: 'shown only' },
      name: `memory that ${waiting} queued messages add`,
    },
    {
      ...{ ...shown, unit: 'ms', restante: times, goal: { value: 50 } },
      name: `a flush of ${waiting} messages until the first octet at the uplink`,
    },
  ];
}

/** Greets, and hangs up at the first octet: so the queue stays as long as it is. */
class RudeProvider implements AsyncDisposable {
  readonly #server: Server;
  #came = Promise.withResolvers<number>();

  private constructor() {
    this.#server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        this.#came.resolve(performance.now());
        socket.destroy();
      });
      socket.write('220 here\r\n');
    });
  }

  static async start(): Promise<RudeProvider> {
    const provider = new RudeProvider();
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    return provider;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** When the next first octet came. */
  next(): Promise<number> {
    this.#came = Promise.withResolvers();
    return this.#came.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}
