/*
 * How many messages of 10 KiB a second POP3 gives: one session or eight at once (each with an
 * account of its own), one RETR at a time or 32 asked for ahead. Eight sessions of Dovecot are
 * eight processes on as many cores as there are; Restante is one.
 */
import { join } from 'node:path';
import { Dovecot } from '../dovecot.ts';
import { fill } from '../fill.ts';
import { letters, textLetter } from '../letters.ts';
import { Pop3Client } from '../pop3-client.ts';
import { Restante } from '../restante.ts';
import { inTurns, login, password, type Rig, seconds, withBoth, withFolder } from '../rig.ts';
import type { Figure, Row } from '../row.ts';

interface Load {
  readonly sessions: number;
  readonly messages: number;
  readonly times: number;
}

const one: Load = { sessions: 1, messages: 5_000, times: 1.5 };
const eight: Load = { sessions: 8, messages: 1_000, times: 1 };

export const pop3RetrOne: Row = {
  name: 'pop3-retr-1',
  what: 'POP3 RETR, 10 KiB, 1 session',
  measure: (rig) => retrieval(rig, pop3RetrOne.what, one),
};

export const pop3RetrEight: Row = {
  name: 'pop3-retr-8',
  what: 'POP3 RETR, 10 KiB, 8 sessions',
  measure: (rig) => retrieval(rig, pop3RetrEight.what, eight),
};

function retrieval(rig: Rig, name: string, load: Load): Promise<readonly Figure[]> {
  return withFolder(async (folder) => {
    const dovecot = new Dovecot(join(folder, 'dovecot'));
    const restante = new Restante(rig.dist ?? '', join(folder, 'restante'));
    for (let account = 0; account < load.sessions; account += 1) {
      if (rig.peers) await dovecot.fill(account, letters(load.messages, textLetter));
    }
    if (rig.dist !== undefined) {
      await fill(restante, load.sessions, () => letters(load.messages, textLetter));
    }
    return withBoth(rig, dovecot, restante, async () => {
      const figures: Figure[] = [];
      for (const [how, window] of [
        ['one at a time', 1],
        ['32 pipelined', 32],
      ] as const) {
        const turns = await inTurns(
          rig,
          () => rate(dovecot.pop3Port, load, window),
          () => rate(restante.pop3Port, load, window),
        );
        figures.push({
          name: `${name}, ${how}`,
          unit: 'msg/s',
          better: 'more',
          peerName: 'Dovecot',
          ...turns,
          goal: { times: load.times },
        });
      }
      return figures;
    });
  });
}

/** Messages a second over all sessions, sign-in and LIST not counted. */
export async function rate(port: number, load: Load, window: number): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: load.sessions }, async (_, account) => {
      const client = await Pop3Client.open(port);
      await client.signIn(login(account), password);
      const sizes = await client.sizes();
      if (sizes.length !== load.messages) throw new Error(`${sizes.length} messages listed`);
      return { client, sizes };
    }),
  );
  const taken = await seconds(() =>
    Promise.all(clients.map(({ client, sizes }) => client.retrieve(sizes, window))),
  );
  for (const { client } of clients) await client.quit();
  return (load.sessions * load.messages) / taken;
}
