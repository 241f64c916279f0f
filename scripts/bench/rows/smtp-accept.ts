/*
 * How many messages a second are accepted onto the disk: Postfix's own smtp-source, 20 sessions,
 * 10 KiB, and beside the two its smtp-sink, which stores nothing, as the load's ceiling.
 */
import { join } from 'node:path';
import { Postfix } from '../postfix.ts';
import { freePort, Program, runProgram, waitForGreeting } from '../processes.ts';
import { Restante } from '../restante.ts';
import {
  domain,
  inTurns,
  login,
  type Receiver,
  type Rig,
  seconds,
  withBoth,
  withFolder,
} from '../rig.ts';
import type { Figure, Row } from '../row.ts';

const messages = 5_000;
const sessions = 20;
const octets = 10_240;

export const smtpAccept: Row = {
  name: 'smtp-accept',
  what: 'SMTP accept on disk, 10 KiB, 20 sessions kept open',
  measure: (rig) => accept(rig, smtpAccept.what, ['-d'], 5),
};

export const smtpAcceptReconnect: Row = {
  name: 'smtp-accept-reconnect',
  what: 'SMTP accept on disk, 10 KiB, 20 at once, a new connection for each message',
  measure: (rig) => accept(rig, smtpAcceptReconnect.what, [], 3),
};

function accept(
  rig: Rig,
  name: string,
  options: readonly string[],
  times: number,
): Promise<readonly Figure[]> {
  return withFolder(async (folder) => {
    const postfix = new Postfix(join(folder, 'postfix'));
    const restante = new Restante(rig.dist ?? '', join(folder, 'restante'));
    const sink = await ceiling(rig, options);
    const turns = await withBoth(rig, postfix, restante, async () => {
      if (rig.dist !== undefined) await restante.addAccounts(1);
      return inTurns(
        rig,
        () => rate(postfix, options),
        () => rate(restante, options),
      );
    });
    const common = { unit: 'msg/s', better: 'more' } as const;
    return [
      { name, ...common, peerName: 'Postfix', ...turns, goal: { times } },
      {
        name: `${name}: the load's ceiling`,
        ...common,
        peerName: 'smtp-sink',
        peer: sink,
        restante: turns.restante,
        goal: 'shown only',
      },
    ];
  });
}

async function rate(server: Receiver, options: readonly string[]): Promise<number> {
  const taken = await seconds(() => sendWithSource(server.smtpPort, options));
  await server.settle();
  return messages / taken;
}

async function sendWithSource(port: number, options: readonly string[]): Promise<void> {
  await runProgram('/usr/sbin/smtp-source', [
    ...options,
    ...['-s', String(sessions), '-l', String(octets), '-m', String(messages)],
    ...['-f', 'sender@example.org', '-t', `${login(0)}@${domain}`, '-M', 'bench.example.org'],
    `127.0.0.1:${port}`,
  ]);
}

async function ceiling(rig: Rig, options: readonly string[]): Promise<number[]> {
  const port = await freePort();
  const sink = new Program('/usr/sbin/smtp-sink', ['-u', 'nobody', `127.0.0.1:${port}`, '1000']);
  try {
    await waitForGreeting(port, sink);
    const rates: number[] = [];
    for (let round = 0; round < rig.rounds; round += 1) {
      rates.push(messages / (await seconds(() => sendWithSource(port, options))));
    }
    return rates;
  } finally {
    await sink.stop();
  }
}
