/*
 * How fast a queue empties: 3,000 messages of 10 KiB, held, and then all sent to an smtp-sink. The
 * clock runs from the word to send (`postqueue -f`; a flush) until the queue is empty, on disk.
 */
import { join } from 'node:path';
import { Postfix } from '../postfix.ts';
import { runProgram } from '../processes.ts';
import { Restante } from '../restante.ts';
import {
  elsewhere,
  type Forwarder,
  inTurns,
  seconds,
  sender,
  withFolder,
  withServer,
} from '../rig.ts';
import type { Figure, Row } from '../row.ts';
import { Sink } from '../sink.ts';

const messages = 3_000;
const sessions = 20;
const octets = 10_240;
/** Postfix's default is 20 to one destination; Restante goes up to 16. */
const connections = 10;

export const queueDrain: Row = {
  name: 'queue-drain',
  what: 'queue drain, 3,000 x 10 KiB to a local sink',
  measure: (rig) =>
    withFolder(async (folder) => {
      const sink = new Sink();
      try {
        await sink.start();
        const { port } = sink;
        const postfix = new Postfix(join(folder, 'postfix'), { port, hold: true });
        const restante = new Restante(rig.dist ?? '', join(folder, 'restante'));
        if (rig.dist !== undefined) await prepare(restante, port, connections);
        const one = (server: Forwarder) => withServer(server, () => rate(server, sink));
        const turns = await inTurns(
          rig,
          () => one(postfix),
          () => one(restante),
        );
        const figure: Figure = {
          name: queueDrain.what,
          unit: 'msg/s',
          better: 'more',
          peerName: 'Postfix',
          ...turns,
          goal: { times: 1.5 },
        };
        return [figure];
      } finally {
        await sink.stop();
      }
    }),
};

/** An account, a way out, and hold. */
export async function prepare(restante: Restante, port: number, most: number): Promise<void> {
  await withServer(restante, async () => {
    await restante.addAccounts(1);
    await restante.addWayOut(port, most);
    await restante.command('hold');
  });
}

/** Hands in so many messages of 10 KiB for somebody elsewhere. */
export async function submit(port: number, count: number): Promise<void> {
  await runProgram('/usr/sbin/smtp-source', [
    ...['-d', '-s', String(sessions), '-l', String(octets), '-m', String(count)],
    ...['-f', sender, '-t', elsewhere, '-M', 'bench.example.org', `127.0.0.1:${port}`],
  ]);
}

async function rate(server: Forwarder, sink: Sink): Promise<number> {
  const before = sink.messages;
  await submit(server.smtpPort, messages);
  await server.beforeDrain();
  const taken = await seconds(() => server.drain());
  const arrived = sink.messages - before;
  if (arrived !== messages) throw new Error(`${arrived} of ${messages} messages arrived`);
  return messages / taken;
}
