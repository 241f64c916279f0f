/*
 * From the start of the process to the POP3 greeting, with a store that exists already; and the
 * very first start, which makes the keys.
 */
import { join } from 'node:path';
import { Dovecot } from '../dovecot.ts';
import { Restante } from '../restante.ts';
import { inTurns, type Server, seconds, withFolder, withServer } from '../rig.ts';
import type { Row } from '../row.ts';

export const startUp: Row = {
  name: 'start-up',
  what: 'start of the process to the POP3 greeting',
  measure: (rig) =>
    withFolder(async (folder) => {
      const dovecot = new Dovecot(join(folder, 'dovecot'));
      const restante = new Restante(rig.dist ?? '', join(folder, 'restante'));
      const greeting = () => withServer(restante, async () => restante.startUp / 1000);
      const first = rig.dist === undefined ? [] : [await greeting()];
      const turns = await inTurns(rig, () => untilUp(dovecot), greeting);
      const common = {
        unit: 's',
        better: 'less',
        peerName: 'Dovecot',
        goal: { value: 1 },
      } as const;
      return [
        { name: startUp.what, ...common, ...turns },
        { name: `${startUp.what}, the first start`, ...common, peer: [], restante: first },
      ];
    }),
};

async function untilUp(server: Server): Promise<number> {
  try {
    return await seconds(() => server.start());
  } finally {
    await server.stop();
  }
}
