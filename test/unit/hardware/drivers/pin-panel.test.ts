/* A panel on pins that are variables: what it asks of a driver, and what it lets through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { ok, type Result, trouble } from '#base/result';
import type { PinPlan } from '#hardware/boards/board';
import type { Chip, Sight } from '#hardware/boards/boards';
import type { OwnPin } from '#hardware/boards/own-pins';
import { PinPanel } from '#hardware/drivers/pin-panel';
import type { PinDriver, PinLines } from '#hardware/drivers/pins';
import type { ButtonEvent, LampName, PanelTrouble } from '#panel/panel';
import { FakeClock } from '../../../support/fake-clock.ts';

/** Pins that are variables. */
class MemoryPins implements PinDriver<Chip> {
  readonly name = 'memory';
  plan: PinPlan | undefined;
  lit: ReadonlySet<LampName> = new Set();
  push: (event: ButtonEvent) => void = () => {};
  taken = 0;
  broken = false;

  async look(): Promise<Result<Sight<Chip>, PanelTrouble>> {
    return ok({ chips: [{ label: 'pinctrl-rp1', lines: 54 }], denied: false });
  }

  async take(
    _: Chip,
    plan: PinPlan,
    pressed: (event: ButtonEvent) => void,
  ): Promise<Result<PinLines, PanelTrouble>> {
    this.plan = plan;
    this.push = pressed;
    this.taken += 1;
    return ok({
      light: (lit: ReadonlySet<LampName>) => {
        this.lit = lit;
        return this.broken ? trouble('lost', 'They are gone.', 'EIO') : undefined;
      },
      close: async () => {
        this.taken -= 1;
      },
    });
  }
}

function room(own: readonly OwnPin[] = []) {
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const log = new Log((line) => lines.push(line), clock);
  const pins = new MemoryPins();
  const panel = new PinPanel(pins, { clock, log, model: async () => 'Raspberry Pi 5', own });
  return { clock, lines, pins, panel };
}

const press = (down: boolean, at = 0): ButtonEvent => ({ button: 'flush', down, at });

test("takes the board's pins and says so", async () => {
  const { panel, pins, lines } = room([{ name: 'mail', gpio: 5 }]);
  assert.ok((await panel.start(() => {})).ok);
  assert.equal(pins.plan?.lamps.find(({ lamp }) => lamp === 'mail')?.gpio, 5);
  assert.match(lines[0]?.say ?? '', /on the header of this Raspberry Pi 5/);
  assert.equal(lines[0]?.facts['mail'], 'GPIO 5');
  assert.equal(lines[0]?.facts['flush'], 'GPIO 23');
  await panel.stop();
});

test('with a wrong pin no line is touched', async () => {
  const { panel, pins } = room([{ name: 'mail', gpio: 40 }]);
  const started = await panel.start(() => {});
  assert.equal(started.ok ? '' : started.error.code, 'wrong-pin');
  assert.equal(pins.taken, 0);
  panel.show(new Map([['mail', 'on']]));
  await panel.stop();
});

test('a press is told once, and an end without a beginning not at all', async () => {
  const { panel, pins } = room();
  const told: string[] = [];
  await panel.start(({ down, at }) => told.push(`${down ? 'down' : 'up'} ${at}`));
  for (const event of [press(false, 1), press(true, 2), press(true, 3), press(false, 4)]) {
    pins.push(event);
  }
  pins.push(press(false, 5));
  await panel.stop();
  pins.push(press(true, 6));
  assert.deepEqual(told, ['down 2', 'up 4']);
});

test('lamps are dark and lines free when it has stopped', async () => {
  const { panel, pins, clock } = room();
  await panel.start(() => {});
  panel.show(
    new Map([
      ['mail', 'on'],
      ['status', 'slow'],
    ]),
  );
  assert.deepEqual([...pins.lit], ['mail', 'status']);
  await panel.stop();
  assert.deepEqual([...pins.lit], []);
  assert.equal(pins.taken, 0);
  assert.equal(clock.waiting, 0);
  panel.show(new Map([['mail', 'on']]));
  assert.deepEqual([...pins.lit], []);
});

test('a process that ends does the same, unless the panel was stopped before', async () => {
  const { panel, pins } = room();
  const before = process.listenerCount('exit');
  await panel.start(() => {});
  panel.show(new Map([['mail', 'on']]));
  process.listeners('exit').at(-1)?.(0);
  assert.deepEqual([...pins.lit], []);
  assert.equal(pins.taken, 0);
  await panel.stop();
  assert.equal(process.listenerCount('exit'), before);
});

test('lines that are lost are told once, not with each blink', async () => {
  const { panel, pins, lines, clock } = room();
  await panel.start(() => {});
  pins.broken = true;
  panel.show(new Map([['mail', 'fast']]));
  clock.advance(10_000);
  pins.broken = false;
  clock.advance(1000);
  pins.broken = true;
  clock.advance(1000);
  const warnings = lines.filter(({ level }) => level === 'warn');
  assert.deepEqual(
    warnings.map(({ say }) => say),
    ['They are gone.', 'They are gone.'],
  );
});
