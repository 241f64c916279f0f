/*
 * Sixteen devices sign in at once, each with a password that the box has not seen since its start,
 * so that each costs a derivation of keys. Meanwhile letters come in, one after the other: how long
 * does the slowest wait, from MAIL to the answer that says it is on the disk? SQLite and the
 * derivations share four threads. The peer is the same box with nobody signing in.
 */
import { join } from 'node:path';
import { textLetter } from '../letters.ts';
import { Pop3Client } from '../pop3-client.ts';
import { Restante } from '../restante.ts';
import { domain, login, password, withFolder, withServer } from '../rig.ts';
import type { Row } from '../row.ts';
import { SmtpClient } from '../smtp-sender.ts';

const devices = 16;
const letter = textLetter(0, 2_048);
/** Before anything is measured: the first letters meet code that was not compiled yet. */
const warmUp = 200;

interface Round {
  /** The slowest letter, in milliseconds, and all of them. */
  readonly slowest: number;
  readonly letters: number;
  /** Milliseconds until the last device was in. */
  readonly signingIn: number;
}

export const signIns: Row = {
  name: 'sign-ins',
  what: `the slowest commit while ${devices} devices sign in`,
  async measure({ dist, rounds }) {
    if (dist === undefined) return [];
    const quiet: number[] = [];
    const busy: Round[] = [];
    await withFolder(async (folder) => {
      const restante = new Restante(dist, join(folder, 'restante'));
      await withServer(restante, () => restante.addAccounts(devices + 1));
      for (let round = 0; round < rounds; round += 1) {
        await withServer(restante, async () => {
          const sender = await SmtpClient.open(restante.smtpPort);
          for (let sent = 0; sent < warmUp; sent += 1) await commit(sender);
          const crowd = await whileSigningIn(sender, restante.pop3Port);
          busy.push(crowd);
          quiet.push(await slowest(sender, crowd.letters));
          await sender.close();
        });
      }
    });
    const common = { unit: 'ms', better: 'less', peerName: 'nobody signs in:' } as const;
    return [
      {
        ...common,
        name: signIns.what,
        peer: quiet,
        restante: busy.map((one) => one.slowest),
        goal: { value: 20 },
      },
      {
        ...common,
        name: `until the last of ${devices} devices is in`,
        peer: [],
        restante: busy.map((one) => one.signingIn),
        goal: 'shown only',
      },
    ];
  },
};

async function whileSigningIn(sender: SmtpClient, pop3Port: number): Promise<Round> {
  const clients: Pop3Client[] = [];
  for (let device = 0; device < devices; device += 1) {
    const client = await Pop3Client.open(pop3Port);
    await client.command(`USER ${login(device)}`);
    clients.push(client);
  }
  const begin = performance.now();
  let signingIn = 0;
  const everybody = Promise.all(clients.map((client) => client.command(`PASS ${password}`))).then(
    () => {
      signingIn = performance.now() - begin;
    },
  );
  const times: number[] = [];
  while (signingIn === 0) times.push(await commit(sender));
  await everybody;
  for (const client of clients) await client.quit();
  return { slowest: Math.max(...times), letters: times.length, signingIn };
}

async function slowest(sender: SmtpClient, letters: number): Promise<number> {
  let time = 0;
  for (let sent = 0; sent < letters; sent += 1) time = Math.max(time, await commit(sender));
  return time;
}

/** Milliseconds from MAIL to the answer behind the last dot. */
async function commit(sender: SmtpClient): Promise<number> {
  const begin = performance.now();
  await sender.send(letter, `${login(devices)}@${domain}`, true);
  return performance.now() - begin;
}
