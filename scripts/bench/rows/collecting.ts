/*
 * How many messages a second are collected from a Dovecot beside, of 10 KiB each: from the start
 * of the collecting program (for Restante: from adding the source) until all of them are on disk.
 * Each collection is a first one, into a folder of its own. The peers start a process for each
 * message, so they get fewer; that their starting weighs a little more then is some percent.
 */
import { join } from 'node:path';
import {
  CollectingRestante,
  Fetchmail,
  Getmail,
  type MakeCollector,
  type Protocol,
  type Provider,
  undisturbed,
} from '../collectors.ts';
import { Dovecot } from '../dovecot.ts';
import { letters, textLetter } from '../letters.ts';
import { login, type Rig, seconds, withFolder, withServer } from '../rig.ts';
import type { Figure, Row } from '../row.ts';

const messages = 5_000;
const messagesForPeers = 1_000;
/** The accounts at Dovecot. */
const [large, small] = [0, 1];

export const collectPop3: Row = {
  name: 'collect-pop3',
  what: 'collecting by POP3, 10 KiB',
  measure: (rig) => collecting(rig, 'pop3', collectPop3.what),
};

export const collectImap: Row = {
  name: 'collect-imap',
  what: 'collecting by IMAP, 10 KiB',
  measure: (rig) => collecting(rig, 'imap', collectImap.what),
};

const peers: Readonly<Record<string, MakeCollector>> = {
  fetchmail: (folder) => new Fetchmail(folder),
  getmail6: (folder) => new Getmail(folder),
};

/** All in turns, so that a busy minute of the machine meets them all. */
function collecting(rig: Rig, protocol: Protocol, what: string): Promise<readonly Figure[]> {
  return withFolder(async (folder) => {
    const dovecot = new Dovecot(join(folder, 'dovecot'), { imap: true });
    await dovecot.fill(large, letters(messages, textLetter));
    await dovecot.fill(small, letters(messagesForPeers, textLetter));
    const rates = new Map<string, number[]>(Object.keys(peers).map((name) => [name, []]));
    const restante: number[] = [];
    const { dist } = rig;
    await withServer(dovecot, async () => {
      const port = protocol === 'pop3' ? dovecot.pop3Port : dovecot.imapPort;
      const rate = (make: MakeCollector, account: number, count: number) =>
        undisturbed(() => rateOf(make, { protocol, port, user: login(account) }, count));
      for (let round = 0; round < rig.rounds; round += 1) {
        for (const [name, make] of Object.entries(peers)) {
          if (rig.peers) rates.get(name)?.push(await rate(make, small, messagesForPeers));
        }
        if (dist === undefined) continue;
        const ours = (own: string) => new CollectingRestante(dist, own);
        restante.push(await rate(ours, large, messages));
      }
    });
    return [...rates].map(([peerName, peer]) => ({
      ...{ name: what, unit: 'msg/s', better: 'more', peerName, peer, restante },
      goal: { times: 1 },
    }));
  });
}

/** Into a folder of its own, which is removed afterwards. */
function rateOf(make: MakeCollector, provider: Provider, messages: number): Promise<number> {
  return withFolder((folder) =>
    withServer(make(folder), async (collector) => {
      const taken = await seconds(() => collector.collect(provider));
      const count = await collector.count();
      if (count !== messages) throw new Error(`${count} messages came, not ${messages}`);
      return messages / taken;
    }),
  );
}
