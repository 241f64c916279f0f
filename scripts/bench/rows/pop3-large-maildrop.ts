/*
 * POP3 on a maildrop of 100,000 messages: PASS and STAT together, UIDL, LIST. Both sides have been
 * asked once before, so caches are warm; the first time is shown beside.
 */
import { join } from 'node:path';
import { Dovecot } from '../dovecot.ts';
import { fill } from '../fill.ts';
import { letters, textLetter } from '../letters.ts';
import { Pop3Client } from '../pop3-client.ts';
import { Restante } from '../restante.ts';
import { login, password, type Rig, seconds, withBoth, withFolder } from '../rig.ts';
import type { Figure, Row } from '../row.ts';

const messages = 100_000;
const octets = 1_024;

/** Seconds. */
interface Visit {
  readonly stat: number;
  readonly uidl: number;
  readonly list: number;
}

export const pop3LargeMaildrop: Row = {
  name: 'pop3-100k',
  what: 'POP3 with 100,000 messages',
  measure: (rig) =>
    withFolder(async (folder) => {
      const dovecot = new Dovecot(join(folder, 'dovecot'));
      const restante = new Restante(rig.dist ?? '', join(folder, 'restante'));
      const make = (number: number) => textLetter(number, octets);
      if (rig.peers) await dovecot.fill(0, letters(messages, make));
      if (rig.dist !== undefined) await fill(restante, 1, () => letters(messages, make));
      return withBoth(rig, dovecot, restante, () => visits(rig, dovecot, restante));
    }),
};

async function visits(rig: Rig, dovecot: Dovecot, restante: Restante): Promise<Figure[]> {
  const peer: Visit[] = [];
  const ours: Visit[] = [];
  for (let round = 0; round <= rig.rounds; round += 1) {
    if (rig.peers) peer.push(await visit(dovecot.pop3Port));
    if (rig.dist !== undefined) ours.push(await visit(restante.pop3Port));
  }
  const figure = (
    what: string,
    value: (visit: Visit) => number,
    goal: Figure['goal'],
    warm = true,
  ): Figure => {
    const chosen = (all: readonly Visit[]) => (warm ? all.slice(1) : all.slice(0, 1)).map(value);
    return {
      name: `${pop3LargeMaildrop.what}: ${what}`,
      unit: 's',
      better: 'less',
      peerName: 'Dovecot',
      peer: chosen(peer),
      restante: chosen(ours),
      goal,
    };
  };
  return [
    figure('PASS + STAT', ({ stat }) => stat, { value: 0.02 }),
    figure('UIDL', ({ uidl }) => uidl, { times: 1 }),
    figure('LIST', ({ list }) => list, { times: 1 }),
    figure('PASS + STAT, the first time', ({ stat }) => stat, 'shown only', false),
  ];
}

async function visit(port: number): Promise<Visit> {
  const client = await Pop3Client.open(port);
  await client.command(`USER ${login(0)}`);
  let status = '';
  const stat = await seconds(async () => {
    await client.command(`PASS ${password}`);
    status = await client.command('STAT');
  });
  if (!status.startsWith(`+OK ${messages} `)) throw new Error(`STAT: ${status}`);
  const uidl = await seconds(() => client.listing('UIDL'));
  const list = await seconds(() => client.listing('LIST'));
  await client.quit();
  return { stat, uidl, list };
}
