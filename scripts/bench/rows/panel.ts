/*
 * The front panel, simulated on a terminal: how soon after a mail was said to be safe its lamp is
 * lit, how soon after a finger let go of the button the first octet is at the uplink, and what the
 * panels that need no pins add to an idle box (those on pins: test/hardware, in the guest). What is
 * timed is what a person sees and does: the terminal's last line, and keys.
 */
import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Doorstep } from '../doorstep.ts';
import { textLetter } from '../letters.ts';
import { Pop3Client } from '../pop3-client.ts';
import { Program, type Resident, residentOf, waitUntil } from '../processes.ts';
import { Restante } from '../restante.ts';
import { domain, elsewhere, login, password, type Rig, withFolder, withServer } from '../rig.ts';
import type { Figure, Row } from '../row.ts';
import { Sink } from '../sink.ts';
import { SmtpClient } from '../smtp-sender.ts';

/** In each round. */
const mails = 20;
const presses = 10;
const letter = textLetter(0, 2_048);
const megabyte = 1_048_576;
/** Long enough for the start to have left memory. */
const settleMs = 3_000;

const shown = { better: 'less', peerName: 'none', peer: [] } as const;

export const panel: Row = {
  name: 'panel',
  what: 'the simulated panel: from a commit to the lamp, from the button to the uplink',
  measure: ({ dist, rounds }) => (dist === undefined ? Promise.resolve([]) : times(dist, rounds)),
};

async function times(dist: string, rounds: number): Promise<readonly Figure[]> {
  const sink = new Sink();
  const [lamp, button]: [number[], number[]] = [[], []];
  try {
    await sink.start();
    await using doorstep = await Doorstep.before(sink.port);
    await withFolder(async (folder) => {
      const data = join(folder, 'restante');
      await withServer(new Restante(dist, data), async (restante) => {
        await restante.addAccounts(1);
        await restante.addWayOut(doorstep.port, 2);
        await restante.command('hold');
      });
      const onTerminal = new Restante(dist, data, { onTerminal: true });
      await withServer(onTerminal, async (restante) => {
        const sender = await SmtpClient.open(restante.smtpPort);
        for (let count = 0; count < mails * rounds; count += 1) {
          lamp.push(await commitToLamp(restante, sender));
        }
        for (let count = 0; count < presses * rounds; count += 1) {
          button.push(await buttonToUplink(restante, sender, doorstep));
        }
        await sender.close();
      });
    });
  } finally {
    await sink.stop();
  }
  return [
    {
      ...{ ...shown, unit: 'ms', restante: lamp, goal: { value: 20 } },
      name: 'from the answer that a mail is safe to its lamp, simulated',
    },
    {
      ...{ ...shown, unit: 'ms', restante: button, goal: { value: 50 } },
      name: 'from letting go of the button to the first octet at the uplink, simulated',
    },
  ];
}

/** A mail comes, and is collected. Milliseconds; the lamp may be quicker than we hear the answer. */
async function commitToLamp({ program, pop3Port }: Restante, sender: SmtpClient): Promise<number> {
  const lit = program.says('● mail');
  await sender.send(letter, `${login(0)}@${domain}`, true);
  const safe = performance.now();
  const took = Math.max(0, (await lit) - safe);
  const dark = program.says('○ mail');
  const client = await Pop3Client.open(pop3Port);
  await client.signIn(login(0), password);
  await client.retrieve(await client.sizes(), 1);
  await client.command('DELE 1');
  await client.quit();
  await dark;
  return took;
}

/** A letter waits, on hold, and a finger sends it. */
async function buttonToUplink(
  { program }: Restante,
  sender: SmtpClient,
  doorstep: Doorstep,
): Promise<number> {
  await sender.send(letter, elsewhere, true);
  const pressed = program.says('● mail  ● queue  ● status');
  program.type(' ');
  await pressed;
  const [came, done] = [doorstep.next(), program.says('Everything that waited was tried: 1 sent')];
  const released = performance.now();
  program.type(' ');
  const took = (await came) - released;
  await done;
  return took;
}

export const panelMemory: Row = {
  name: 'panel-memory',
  what: 'resident memory of an idle box, by its panel',
  measure: (rig) => (rig.dist === undefined ? Promise.resolve([]) : memory(rig, rig.dist)),
};

async function memory({ rounds }: Rig, dist: string): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const driver of ['none', 'simulated', 'serial'] as const) {
    const held: Resident[] = [];
    for (let round = 0; round < rounds; round += 1) held.push(await heldWith(driver, dist));
    const name = `an idle box with panel.driver ${driver}`;
    for (const kind of ['resident', 'anonymous'] as const) {
      const restante = held.map((one) => one[kind] / megabyte);
      figures.push({ ...shown, name, unit: `MB ${kind}`, restante, goal: 'shown only' });
    }
  }
  return figures;
}

/** A serial line is a pseudo-terminal, at whose other end nobody says anything. */
function heldWith(driver: 'none' | 'simulated' | 'serial', dist: string): Promise<Resident> {
  return withFolder(async (folder) => {
    const line = join(folder, 'line');
    const cable = new Program('socat', [`PTY,rawer,link=${line}`, 'PTY,rawer']);
    try {
      await waitUntil('the serial line', () => existsSync(line));
      const settings = [
        `panel.driver=${driver}`,
        ...(driver === 'serial' ? [`serial.panel=${readlinkSync(line)}`] : []),
      ];
      const onTerminal = driver === 'simulated';
      const box = new Restante(dist, join(folder, 'restante'), { settings, onTerminal });
      return await withServer(box, async (restante) => {
        await pause(settleMs);
        const { process } = (await restante.command('status')) as { process: number };
        return residentOf(process);
      });
    } finally {
      await cable.stop();
    }
  });
}
