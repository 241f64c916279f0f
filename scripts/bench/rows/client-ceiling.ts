/* How fast our own POP3 client can be: against a server that has one letter, in memory. */
import { join } from 'node:path';
import { freePort, Program, waitForGreeting } from '../processes.ts';
import type { Figure, Row } from '../row.ts';
import { rate } from './pop3-retr.ts';

export const clientCeiling: Row = {
  name: 'client-ceiling',
  what: "the POP3 client's own ceiling",
  async measure(rig) {
    const port = await freePort();
    const program = join(import.meta.dirname, '../dumb-server.ts');
    const server = new Program(process.execPath, [program, String(port), '5000']);
    try {
      await waitForGreeting(port, server);
      const figures: Figure[] = [];
      for (const sessions of [1, 8]) {
        for (const window of [1, 32]) {
          const peer: number[] = [];
          for (let round = 0; round < rig.rounds; round += 1) {
            peer.push(await rate(port, { sessions, messages: 5_000, times: 1 }, window));
          }
          const common = { unit: 'msg/s', better: 'more', goal: 'shown only' } as const;
          const name = `${clientCeiling.what}, ${sessions} sessions, ${window} at a time`;
          figures.push({ name, ...common, peerName: 'dumb server', peer, restante: [] });
        }
      }
      return figures;
    } finally {
      await server.stop();
    }
  },
};
