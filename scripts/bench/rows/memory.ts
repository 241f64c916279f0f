/*
 * What a mail server holds in memory, all its processes together: idle (after one message came in
 * and was fetched), with 50 POP3 and 20 SMTP sessions open, and at its highest while ten messages
 * of 50 MB come in at once. The peer is Postfix and Dovecot together.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Dovecot } from '../dovecot.ts';
import { attachmentLetter, letters, textLetter } from '../letters.ts';
import { Pop3Client } from '../pop3-client.ts';
import { Postfix } from '../postfix.ts';
import type { Memory } from '../processes.ts';
import { Restante } from '../restante.ts';
import { domain, login, password, type Rig, withFolder, withServer } from '../rig.ts';
import type { Figure, Goal, Row } from '../row.ts';
import { SmtpClient, send } from '../smtp-sender.ts';

const megabyte = 1_048_576;
const pop3Sessions = 50;
const smtpSessions = 20;
const largeMessages = 10;
const largeOctets = 50 * megabyte;
/** V8 gives back what a start leaves in the heap after some two minutes of rest (a look each 8 s
 * since 30 s after the last collection, a collection by force after 100 s). */
const restMs = 180_000;
/** Long enough for a garbage collection and a checkpoint to pass. */
const settleMs = 3_000;

/** Both halves of a mail server: Postfix takes in and Dovecot gives out, or Restante does both. */
interface House {
  readonly smtpPort: number;
  readonly pop3Port: number;
  memory(): Memory;
  peakResident(): number;
  settle(): Promise<void>;
}

export const memoryIdle: Row = {
  name: 'memory-idle',
  what: 'memory idle',
  measure: (rig) => memory(rig, memoryIdle.what, 1, idle, { pss: 60, anonymous: 20 }),
};

export const memorySessions: Row = {
  name: 'memory-sessions',
  what: `memory with ${pop3Sessions} POP3 and ${smtpSessions} SMTP sessions`,
  measure: (rig) => memory(rig, memorySessions.what, pop3Sessions, inUse, { pss: 80 }),
};

export const memoryLarge: Row = {
  name: 'memory-large',
  what: `memory, highest while ${largeMessages} messages of 50 MB come in at once`,
  measure: (rig) =>
    withFolder(async (folder) => {
      const letter = attachmentLetter(1, largeOctets);
      const use = (house: House) => largeAtOnce(house, letter);
      const peer = rig.peers ? [await withPostfixAndDovecot(folder, use)] : [];
      const restante = rig.dist === undefined ? [] : [await withRestante(rig.dist, folder, 1, use)];
      const figure = (unit: string, value: (peak: Peak) => number, goal: Goal): Figure => ({
        name: memoryLarge.what,
        unit,
        better: 'less',
        peerName: 'Postfix + Dovecot',
        peer: peer.map((peak) => value(peak) / megabyte),
        restante: restante.map((peak) => value(peak) / megabyte),
        goal,
      });
      return [
        figure('MB RSS', (peak) => peak.resident, { value: 128 }),
        figure('MB PSS', (peak) => peak.pss, 'shown only'),
      ];
    }),
};

interface Peak {
  /** The sum of what each process had resident at its highest; shared pages count in each. */
  readonly resident: number;
  /** The highest seen, looking twenty times a second. */
  readonly pss: number;
}

async function largeAtOnce(house: House, letter: Buffer): Promise<Peak> {
  let pss = 0;
  const looking = setInterval(() => {
    pss = Math.max(pss, house.memory().pss);
  }, 50);
  try {
    await send(
      Array.from({ length: largeMessages }, () => letter),
      {
        port: house.smtpPort,
        sessions: largeMessages,
        recipient: () => `${login(0)}@${domain}`,
      },
    );
    await house.settle();
    return { resident: house.peakResident(), pss };
  } finally {
    clearInterval(looking);
  }
}

async function memory(
  rig: Rig,
  name: string,
  accounts: number,
  use: (house: House) => Promise<Memory>,
  goals: { pss: number; anonymous?: number },
): Promise<readonly Figure[]> {
  return withFolder(async (folder) => {
    const peer: Memory[] = [];
    const restante: Memory[] = [];
    if (rig.peers) peer.push(await withPostfixAndDovecot(folder, use));
    if (rig.dist !== undefined) {
      restante.push(await withRestante(rig.dist, folder, accounts, use));
    }
    const figure = (unit: string, value: (memory: Memory) => number, goal: Goal): Figure => ({
      name: `${name}, ${unit}`,
      unit: 'MB',
      better: 'less',
      peerName: 'Postfix + Dovecot',
      peer: peer.map((memory) => value(memory) / megabyte),
      restante: restante.map((memory) => value(memory) / megabyte),
      goal,
    });
    const { pss, anonymous } = goals;
    return [
      figure('PSS', (memory) => memory.pss, { value: pss }),
      figure(
        'anonymous',
        (memory) => memory.anonymous,
        anonymous === undefined ? 'shown only' : { value: anonymous },
      ),
    ];
  });
}

function withPostfixAndDovecot<T>(folder: string, use: (house: House) => Promise<T>): Promise<T> {
  const postfix = new Postfix(join(folder, 'postfix'));
  const dovecot = new Dovecot(join(folder, 'dovecot'));
  return withServer(postfix, () =>
    withServer(dovecot, async () => {
      return use({
        smtpPort: postfix.smtpPort,
        pop3Port: dovecot.pop3Port,
        settle: () => postfix.settle(),
        peakResident: () => postfix.peakResident() + dovecot.peakResident(),
        memory: () => {
          const [taking, giving] = [postfix.memory(), dovecot.memory()];
          return {
            pss: taking.pss + giving.pss,
            anonymous: taking.anonymous + giving.anonymous,
          };
        },
      });
    }),
  );
}

/** Accounts are made by one box and used by the next, so that making them leaves no traces. */
async function withRestante<T>(
  dist: string,
  folder: string,
  accounts: number,
  use: (house: House) => Promise<T>,
): Promise<T> {
  const restante = new Restante(dist, join(folder, 'restante'));
  await withServer(restante, () => restante.addAccounts(accounts));
  return withServer(restante, use);
}

async function oneLetterThrough(house: House): Promise<void> {
  const recipient = () => `${login(0)}@${domain}`;
  await send(letters(1, textLetter), { port: house.smtpPort, sessions: 1, recipient });
  await house.settle();
  const client = await Pop3Client.open(house.pop3Port);
  await client.signIn(login(0), password);
  await client.command('STAT');
  await client.quit();
}

async function idle(house: House): Promise<Memory> {
  await oneLetterThrough(house);
  await pause(restMs);
  return house.memory();
}

async function inUse(house: House): Promise<Memory> {
  await oneLetterThrough(house);
  const collecting: Pop3Client[] = [];
  const bringing: SmtpClient[] = [];
  try {
    for (let account = 0; account < pop3Sessions; account += 1) {
      const client = await Pop3Client.open(house.pop3Port);
      collecting.push(client);
      await client.signIn(login(account), password);
      await client.command('STAT');
    }
    for (let session = 0; session < smtpSessions; session += 1) {
      const client = await SmtpClient.open(house.smtpPort);
      bringing.push(client);
      await client.command('MAIL FROM:<sender@example.org>', '250');
      await client.command(`RCPT TO:<${login(0)}@${domain}>`, '250');
    }
    await pause(settleMs);
    return house.memory();
  } finally {
    for (const client of [...collecting, ...bringing]) client.drop();
  }
}
