/*
 * Runs in the virtual machine: a whole box, compiled as it is installed, on the pins of a Raspberry
 * Pi 4. Mail comes and is collected over real sockets, a real smtp-sink is the provider, and the
 * test sees only what a person would: levels of lamps, and a finger on the button's line.
 */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pause } from '#base/clock';
import type { PanelReport } from '#control/types';
import { Doorstep } from '../../../scripts/bench/doorstep.ts';
import { residentOf, waitUntil } from '../../../scripts/bench/processes.ts';
import { Sink } from '../../../scripts/bench/sink.ts';
import type { BoxOptions } from '../../support/box.ts';
import { type OutgoingBox, password, startOutgoingBox } from '../../support/outgoing-box.ts';
import { collect, SmtpSender } from '../../support/smtp-peer.ts';
import { makeChip, type SimChip } from '../sim.ts';
import { clock, drivers, makePinPanel } from './panel.ts';

const [mail, queue, status, flush] = [17, 27, 22, 23] as const;
/** Seconds; an emulated machine beside other tests is slow. */
const patience = 120;

/** A Raspberry Pi 4 whose button nobody presses, pulled up by its own resistor. */
function pi4(): SimChip {
  const chip = makeChip('pi4', 'pinctrl-bcm2711', 58, 522);
  chip.pull(flush, true);
  return chip;
}

/** Waits until these lamps have these levels; when that was seen. */
async function shows(chip: SimChip, levels: Readonly<Record<number, boolean>>): Promise<number> {
  const wanted = Object.entries(levels).map(([line, level]) => [Number(line), level] as const);
  await waitUntil(
    `the levels ${JSON.stringify(levels)}`,
    async () => {
      await pause(clock, 1);
      return wanted.every(([line, level]) => chip.level(line) === level);
    },
    patience,
  );
  return performance.now();
}

/** Where Ann has an account and certificates are made: both take long in an emulated machine. */
const seed = process.env['BOX_SEED'] ?? '';

async function startOn(driver: string, options: BoxOptions = {}): Promise<OutgoingBox> {
  const data = options.data ?? seeded();
  return startOutgoingBox({ ...options, data, set: { 'panel.driver': driver } });
}

/** A data directory of its own; the guest forgets it when it ends. */
function seeded(): string {
  const data = mkdtempSync(join(tmpdir(), 'box-'));
  cpSync(seed, data, { recursive: true });
  return data;
}

/** Brings mail for Ann; when the box had it safe. */
async function bringMail(box: OutgoingBox): Promise<number> {
  const sender = await SmtpSender.dial(box.box.ports.smtp);
  const reply = await sender.send('ann@restante.local', 'Subject: for Ann\r\n\r\nHello.');
  const safe = performance.now();
  sender.hangUp();
  assert.match(reply ?? '', /^250 /);
  return safe;
}

for (const driver of drivers) {
  test(`${driver}, a whole box: mail, POP3, the button, hold, a power cut`, async () => {
    using chip = pi4();
    const sink = new Sink();
    await sink.start();
    await using doorstep = await Doorstep.before(sink.port);
    await using house = await startOn(driver);
    try {
      await shows(chip, { [mail]: false, [queue]: false, [status]: true });
      measured(driver, memoryOf(house.box.pid));
      await house.uplink('sink', doorstep.port);

      const safe = await bringMail(house);
      const lit = await shows(chip, { [mail]: true });
      measured(driver, `from the commit to the lamp ${(lit - safe).toFixed(0)} ms`);
      const [letter] = await collect(house.box.ports.pop3, 'ann', password);
      assert.match(letter ?? '', /^Subject: for Ann\r$/m);
      await shows(chip, { [mail]: false });

      await hold(chip);
      await house.until('hold', async () => (await house.status()).queue.held);
      // Back to what they usually show: the lamp queue flashes now.
      await shows(chip, { [mail]: false, [queue]: false, [status]: true });
      await shows(chip, { [mail]: false, [queue]: true, [status]: true });
      const out = { to: ['eve@example.net'], text: 'Subject: for Eve\r\n\r\nHello.\r\n' };
      const id = await house.submit(out);
      assert.equal((await house.status()).queue.messages, 1);
      assert.equal(sink.messages, 0);

      chip.pull(flush, false);
      await shows(chip, { [mail]: true, [queue]: true, [status]: true });
      const came = doorstep.next();
      const released = performance.now();
      chip.pull(flush, true);
      const took = (await came) - released;
      measured(driver, `from letting go to the uplink ${took.toFixed(0)} ms`);
      await sink.taken(1, patience);
      await house.untilNoted(id, /^tried now, because the button was pressed by a finger/);
      await house.untilEmpty();
      assert.equal((await house.status()).queue.held, true, 'a flush does not end hold');

      await bringMail(house);
      await shows(chip, { [mail]: true });
      await house.box.kill('SIGKILL');
      // What hardware/README.md says of each.
      assert.equal(chip.level(mail), driver === 'onoff');
      await house.box.start();
      await shows(chip, { [mail]: true, [status]: true });
      assert.equal((await house.box.kill()).status, 0);
      assert.deepEqual(
        [mail, queue, status].map((line) => chip.level(line)),
        [false, false, false],
      );
    } finally {
      await sink.stop();
    }
  });
}

test('a whole box that shall have no panel leaves the pins alone', async () => {
  using chip = pi4();
  await using house = await startOn('none');
  measured('none', memoryOf(house.box.pid));
  assert.equal(chip.level(status), false);
  const { driver, trouble } = await house.command<PanelReport>(['panel']);
  assert.deepEqual([driver, trouble], ['none', undefined]);
});

test('a whole box whose pin is in use says who has it, and takes mail', async () => {
  using _ = pi4();
  const other = makePinPanel('chardev', { own: [{ name: 'queue', gpio: undefined }] });
  const taken = await other.start(() => {});
  assert.ok(taken.ok);
  await using house = await startOn('auto');
  const { driver, trouble = '' } = await house.command<PanelReport>(['panel']);
  await other.stop();
  assert.match(trouble, /^GPIO 17 \(pin 11 of the header\) is in use by "restante"\./);
  assert.equal(driver, 'auto');
  await house.box.said(/^GPIO 17 /);
  await bringMail(house);
});

test('a whole box without permission says which group it needs, and takes mail', async () => {
  using chip = pi4();
  // Whoever may read this checkout (root itself, it may be), but neither everything nor the pins.
  for (const file of [chip.path, '/sys/class/gpio/export']) {
    chmodSync(file, 0o660);
    chownSync(file, 1, 1);
  }
  const { uid, gid } = statSync(fileURLToPath(import.meta.url));
  const data = seeded();
  for (const name of ['', ...readdirSync(data, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(data, name), uid, gid);
  }
  const through = [
    ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
    '--bounding-set=-dac_override,-dac_read_search',
  ];
  await using house = await startOn('auto', { data, through });
  const { trouble = '' } = await house.command<PanelReport>(['panel']);
  assert.match(trouble, /group gpio \(sudo usermod -aG gpio/);
  await bringMail(house);
});

/** A finger on the button until the lamps blink: three seconds. */
async function hold(chip: SimChip): Promise<void> {
  chip.pull(flush, false);
  await shows(chip, { [mail]: true, [queue]: true, [status]: true });
  await shows(chip, { [mail]: false, [queue]: false, [status]: false });
  chip.pull(flush, true);
}

function memoryOf(pid: number): string {
  const { resident, anonymous } = residentOf(pid);
  const megabytes = (octets: number) => `${(octets / 1_048_576).toFixed(1)} MB`;
  return `${megabytes(resident)} resident, ${megabytes(anonymous)} anonymous`;
}

function measured(driver: string, what: string): void {
  console.log(`# measured: ${driver}, a whole box, ${what}`);
}
