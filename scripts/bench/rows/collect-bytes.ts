/*
 * What reaches the disk for each collected message of 10 KiB, by POP3, until the collector has
 * stopped and nothing is left to write: octets and write operations, counted by the kernel on a
 * disk that only the collector writes to. The provider's is another one.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CollectingRestante,
  Fetchmail,
  Getmail,
  type MakeCollector,
  undisturbed,
} from '../collectors.ts';
import { Dovecot } from '../dovecot.ts';
import { letters, textLetter } from '../letters.ts';
import { LoopDisk, type Written } from '../loop-disk.ts';
import { login, withFolder, withServer } from '../rig.ts';
import type { Figure, Row } from '../row.ts';

const messages = 1_000;
/** They start a process for each. */
const messagesForPeers = 200;
/** The accounts at Dovecot. */
const [large, small] = [0, 1];
const diskMegabytes = 256;

export const collectBytes: Row = {
  name: 'collect-bytes',
  what: 'written to disk for a collected message of text, 10 KiB',
  measure: (rig) =>
    withFolder(async (folder) => {
      const dovecot = new Dovecot(join(folder, 'dovecot'));
      await dovecot.fill(large, letters(messages, textLetter));
      await dovecot.fill(small, letters(messagesForPeers, textLetter));
      const { dist } = rig;
      const makers: Readonly<Record<string, MakeCollector>> = {
        ...(rig.peers && {
          fetchmail: (own) => new Fetchmail(own),
          getmail6: (own) => new Getmail(own),
        }),
        ...(dist !== undefined && { Restante: (own) => new CollectingRestante(dist, own) }),
      };
      const written = new Map<string, Written[]>();
      await withServer(dovecot, async () => {
        for (let round = 0; round < rig.rounds; round += 1) {
          for (const [name, make] of Object.entries(makers)) {
            const one = await undisturbed(() =>
              name === 'Restante'
                ? writtenBy(make, dovecot.pop3Port, large, messages)
                : writtenBy(make, dovecot.pop3Port, small, messagesForPeers),
            );
            written.set(name, [...(written.get(name) ?? []), one]);
          }
        }
      });
      return figures(written);
    }),
};

function figures(written: ReadonlyMap<string, readonly Written[]>): Figure[] {
  const restante = written.get('Restante') ?? [];
  return ['fetchmail', 'getmail6'].flatMap((peerName) => {
    const peer = written.get(peerName) ?? [];
    const figure = (unit: string, value: (one: Written) => number): Figure => ({
      ...{ name: `${collectBytes.what}: ${unit}`, unit, better: 'less', peerName },
      ...{ peer: peer.map(value), restante: restante.map(value), goal: { times: 1 } },
    });
    return [
      figure('times its size', ({ octets }) => octets),
      figure('write operations', ({ operations }) => operations),
    ];
  });
}

/** Per message: octets as multiples of its size, and operations. */
function writtenBy(
  make: MakeCollector,
  port: number,
  account: number,
  messages: number,
): Promise<Written> {
  return withFolder(async (folder) => {
    const disk = await LoopDisk.mount(folder, diskMegabytes);
    try {
      const own = join(disk.folder, 'collector');
      await mkdir(own);
      return await withServer(make(own), async (collector) => {
        const before = await disk.written();
        await collector.collect({ protocol: 'pop3', port, user: login(account) });
        const count = await collector.count();
        if (count !== messages) throw new Error(`${count} messages came, not ${messages}`);
        await collector.stop();
        const after = await disk.written();
        const octets = [...letters(messages, textLetter)].reduce(
          (sum, letter) => sum + letter.length,
          0,
        );
        return {
          octets: (after.octets - before.octets) / octets,
          operations: (after.operations - before.operations) / messages,
        };
      });
    } finally {
      await disk.unmount();
    }
  });
}
