/*
 * What collecting holds in memory: at its highest while 100,000 small messages come, by POP3 and
 * by IMAP; and what a box holds that only waits for news of one IMAP source (IDLE), beside the
 * same box without a source. The peers are left out: they would take half an hour over so many.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CollectingRestante, type Protocol, type Provider } from '../collectors.ts';
import { Dovecot } from '../dovecot.ts';
import { letters, textLetter } from '../letters.ts';
import type { Memory } from '../processes.ts';
import { login, withFolder, withServer } from '../rig.ts';
import type { Figure, Goal, Row } from '../row.ts';

const megabyte = 1_048_576;
const messages = 100_000;
const octets = 1_024;
/** Between two looks at a process. */
const lookMs = 50;
/** As idle boxes are measured elsewhere (memory.ts). */
const restMs = 180_000;

interface Peak {
  readonly resident: number;
  readonly anonymous: number;
}

export const collectMemory: Row = {
  name: 'collect-memory',
  what: 'memory, highest while 100,000 messages of 1 KiB are collected',
  measure: (rig) =>
    withFolder(async (folder) => {
      const { dist } = rig;
      if (dist === undefined) return [];
      const dovecot = new Dovecot(join(folder, 'dovecot'), { imap: true });
      await dovecot.fill(
        0,
        letters(messages, (number) => textLetter(number, octets)),
      );
      return withServer(dovecot, async () => {
        const figures: Figure[] = [];
        for (const protocol of ['pop3', 'imap'] as const) {
          const port = protocol === 'pop3' ? dovecot.pop3Port : dovecot.imapPort;
          const own = join(folder, protocol);
          const peak = await peakOf(new CollectingRestante(dist, own), {
            ...{ protocol, port, user: login(0) },
          });
          figures.push(...figuresOf(protocol, peak));
        }
        return figures;
      });
    }),
};

function figuresOf(protocol: Protocol, peak: Peak): Figure[] {
  const figure = (unit: string, octets: number, goal: Goal): Figure => ({
    name: `${collectMemory.what}, by ${protocol.toUpperCase()}`,
    ...{ unit, better: 'less', peerName: '', peer: [], goal },
    restante: [octets / megabyte],
  });
  return [
    figure('MB RSS', peak.resident, { value: 128 }),
    figure('MB anonymous', peak.anonymous, 'shown only'),
  ];
}

/** The highest of what is seen, looking twenty times a second. */
function peakOf(restante: CollectingRestante, provider: Provider): Promise<Peak> {
  return withServer(restante, async () => {
    let anonymous = 0;
    const looking = setInterval(() => {
      anonymous = Math.max(anonymous, restante.memory().anonymous);
    }, lookMs);
    try {
      await restante.collect(provider);
      const count = await restante.count();
      if (count !== messages) throw new Error(`${count} messages came, not ${messages}`);
      return { resident: restante.peakResident(), anonymous };
    } finally {
      clearInterval(looking);
    }
  });
}

export const collectIdle: Row = {
  name: 'collect-idle',
  what: 'memory idle, waiting for news of one IMAP source',
  measure: (rig) =>
    withFolder(async (folder) => {
      const { dist } = rig;
      if (dist === undefined) return [];
      const dovecot = new Dovecot(join(folder, 'dovecot'), { imap: true });
      await dovecot.fill(0, letters(10, textLetter));
      return withServer(dovecot, async () => {
        const provider = { protocol: 'imap', port: dovecot.imapPort, user: login(0) } as const;
        const without = await idle(new CollectingRestante(dist, join(folder, 'without')));
        const waiting = await idle(new CollectingRestante(dist, join(folder, 'waiting')), provider);
        const figure = (name: string, value: (memory: Memory) => number): Figure => ({
          name: `${collectIdle.what}, ${name}`,
          ...{ unit: 'MB', better: 'less', peerName: 'no source:', goal: 'shown only' },
          peer: [value(without) / megabyte],
          restante: [value(waiting) / megabyte],
        });
        return [figure('PSS', ({ pss }) => pss), figure('anonymous', (memory) => memory.anonymous)];
      });
    }),
};

/** The source is added to one box and waited for by the next, as after every start but the first. */
async function idle(restante: CollectingRestante, provider?: Provider): Promise<Memory> {
  await withServer(restante, async () => {
    if (provider !== undefined) await restante.collect(provider);
  });
  return withServer(restante, async () => {
    await pause(restMs);
    return restante.memory();
  });
}
