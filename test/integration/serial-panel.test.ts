/*
 * The serial panel over real ptys: panel.js runs in a second program at the other end of the cable,
 * which is unplugged and plugged in again.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { SerialPanel } from '#hardware/drivers/serial/serial-panel';
import type { ButtonEvent, Lamps, Pattern } from '#panel/panel';
import { Cable, noCable } from '../support/cable.ts';
import { startBoard } from '../support/espruino.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** The box's end: a driver that writes down what it is told. */
class End implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly events: ButtonEvent[] = [];
  readonly lines: LogLine[] = [];
  readonly driver: SerialPanel;
  #look: () => void = () => {};

  constructor(cable: Cable) {
    const log = new Log((line) => {
      this.lines.push(line);
      this.#look();
    }, this.clock);
    const device = { path: cable.here, baud: 115_200 };
    this.driver = new SerialPanel({ device, clock: this.clock, log });
  }

  async start(): Promise<void> {
    const started = await this.driver.start((event) => {
      this.events.push(event);
      this.#look();
    });
    assert.ok(started.ok);
  }

  async said(pattern: RegExp): Promise<void> {
    await this.until(() => this.lines.some(({ say }) => pattern.test(say)));
  }

  async until(so: () => boolean): Promise<void> {
    while (!so()) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  /** Tries to open the line, as it does every two seconds, until it is there. */
  async opens(): Promise<void> {
    const tries = setInterval(() => this.clock.advance(2_000), 20);
    await this.said(/is there$/);
    clearInterval(tries);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver.stop();
  }
}

function lamps(mail: Pattern, queue: Pattern, status: Pattern): Lamps {
  return new Map([
    ['mail', mail],
    ['queue', queue],
    ['status', status],
  ]);
}

/** Of all together; a board is a program that has to start. */
const timeout = 300_000;

test('a serial panel without a line says which setting names it', async () => {
  const clock = new FakeClock();
  const device = { path: '', baud: 115_200 };
  const driver = new SerialPanel({ device, clock, log: new Log(() => {}, clock) });
  const started = await driver.start(() => {});
  assert.ok(!started.ok);
  assert.match(started.error.say, /^No serial line is set\. Name it by: .* set serial\.panel /);
  driver.show(lamps('on', 'off', 'on'));
  await driver.stop();
});

test('a serial panel tells once that it has no room for the lamps of all accounts', async () => {
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const device = { path: '/dev/null', baud: 115_200 };
  const driver = new SerialPanel({
    device,
    clock,
    log: new Log((line) => lines.push(line), clock),
  });
  const many = (pattern: Pattern) =>
    new Map(Array.from({ length: 40 }, (_, index) => [`mail.person${index}`, pattern]));
  for (const pattern of ['on', 'off', 'pulse'] as const) driver.show(many(pattern));
  assert.equal(lines.length, 1);
  assert.match(lines[0]?.say ?? '', /no lamp for 30 of the accounts: .* setting panel\.lamps\./);
});

describe('a serial panel', { skip: noCable, timeout }, () => {
  test('shows the lamps, blinks by itself, tells presses, and goes dark with the box', async () => {
    await using cable = await Cable.laid();
    await cable.plug();
    await using board = await startBoard(cable.there);
    const end = new End(cable);
    await end.start();
    await end.said(/The panel at .* is there/);
    end.driver.show(lamps('on', 'off', 'on'));
    await board.shows({ B3: 1, B4: 0, B5: 1 });
    const blinks = board.turns('B4', 4);
    end.driver.show(lamps('off', 'fast', 'on'));
    await blinks;
    board.set('B10', 0);
    await end.until(() => end.events.length === 1);
    end.clock.advance(200);
    board.set('B10', 1);
    await end.until(() => end.events.length === 2);
    const [down, up] = end.events;
    assert.ok(down?.down);
    assert.equal(up?.down, false);
    assert.ok((up?.at ?? 0) - (down?.at ?? 0) <= 1_200);
    await end.driver.stop();
    await board.shows({ B3: 0, B4: 0, B5: 0 });
  });

  test('goes dark when the box says no more, and is lit by the next heartbeat', async () => {
    await using cable = await Cable.laid();
    await cable.plug();
    await using board = await startBoard(cable.there);
    await using end = new End(cable);
    await end.start();
    end.driver.show(lamps('on', 'on', 'on'));
    await board.shows({ B3: 1, B4: 1, B5: 1 });
    // More than once, for the box may just have answered the board's hello.
    const passing = setInterval(() => board.later(7), 20);
    await board.shows({ B3: 0, B4: 0, B5: 0 });
    clearInterval(passing);
    end.clock.advance(2_000);
    await board.shows({ B3: 1, B4: 1, B5: 1 });
  });

  test('survives unplugging, with a finger on the button, and shows what is true then', async () => {
    await using cable = await Cable.laid();
    await cable.plug();
    await using end = new End(cable);
    {
      await using board = await startBoard(cable.there);
      await end.start();
      end.driver.show(lamps('on', 'off', 'on'));
      await board.shows({ B3: 1 });
      board.set('B10', 0);
      await end.until(() => end.events.length === 1);
      await cable.unplug();
      await end.said(/was unplugged/);
    }
    assert.deepEqual(end.events[1], {
      button: 'flush',
      down: false,
      at: end.clock.elapsed(),
      lost: true,
    });
    end.driver.show(lamps('off', 'on', 'on'));
    end.lines.length = 0;
    await cable.plug();
    await using board = await startBoard(cable.there);
    await end.opens();
    await board.shows({ B3: 0, B4: 1, B5: 1 });
  });

  test('a board that starts anew again and again is shown the lamps, and told of once', async () => {
    await using cable = await Cable.laid();
    await cable.plug();
    await using end = new End(cable);
    await end.start();
    end.driver.show(lamps('on', 'off', 'on'));
    await using board = await startBoard(cable.there);
    await board.shows({ B3: 1 });
    for (let count = 0; count < 3; count += 1) {
      board.startAnew();
      await board.shows({ B3: 0 });
      await board.shows({ B3: 1 });
    }
    const told = end.lines.filter(({ say }) => /^The panel at .* is there/.test(say));
    assert.deepEqual(
      told.map(({ level }) => level),
      ['info'],
    );
  });

  test('is waited for when it is not there at the start', async () => {
    await using cable = await Cable.laid();
    await using end = new End(cable);
    await end.start();
    end.driver.show(lamps('on', 'off', 'on'));
    assert.match(end.lines[0]?.say ?? '', /serial\.panel\) is not there; the box takes it up/);
    end.clock.advance(60_000);
    await new Promise(setImmediate);
    assert.equal(end.lines.length, 1, 'and that is said once');
    await cable.plug();
    await using board = await startBoard(cable.there);
    await end.opens();
    await board.shows({ B3: 1, B4: 0, B5: 1 });
  });

  test('that another program uses: says so, and takes it when it is free', async () => {
    await using cable = await Cable.laid();
    await cable.plug();
    const first = new End(cable);
    await first.start();
    await using end = new End(cable);
    await end.start();
    assert.match(end.lines[0]?.say ?? '', /is used by another program/);
    await first.driver.stop();
    await end.opens();
  });
});
