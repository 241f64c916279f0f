/* The panel at work, on a driver that remembers and a clock that is turned by hand. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { failed, ok, type Result, refusal, trouble } from '#base/result';
import type { BoxState, StateSource } from '#panel/box-state';
import { FrontPanel, type PanelWishes } from '#panel/front-panel';
import type { ButtonEvent, Lamps, PanelDriver, PanelTrouble } from '#panel/panel';
import { FakeClock } from '../../support/fake-clock.ts';

class RememberingDriver implements PanelDriver {
  readonly name = 'remembering';
  readonly shown: string[] = [];
  stopped = false;
  fails: PanelTrouble | undefined;
  /** What has a fault in the program. */
  faulty: 'start' | 'show' | 'stop' | undefined;
  #pressed: (event: ButtonEvent) => void = () => {};

  async start(pressed: (event: ButtonEvent) => void): Promise<Result<void, PanelTrouble>> {
    this.#stumble('start');
    this.#pressed = pressed;
    return this.fails === undefined ? ok(undefined) : failed(this.fails);
  }

  show(lamps: Lamps): void {
    this.#stumble('show');
    this.shown.push([...lamps.values()].join(' '));
  }

  async stop(): Promise<void> {
    this.#stumble('stop');
    this.stopped = true;
  }

  #stumble(where: 'start' | 'show' | 'stop'): void {
    if (this.faulty === where) throw new Error(`a fault in ${where}`);
  }

  finger(down: boolean, at: number): void {
    this.#pressed({ button: 'flush', down, at });
  }
}

class Bench implements StateSource, PanelWishes {
  readonly clock = new FakeClock();
  readonly driver = new RememberingDriver();
  readonly lines: LogLine[] = [];
  readonly asked: string[] = [];
  appliance = false;
  state: BoxState = {
    health: 'well',
    unretrieved: new Map(),
    queue: { waiting: 0, busy: false, held: false, refused: false },
  };
  #changed: () => void = () => {};
  readonly panel = new FrontPanel({
    driver: this.driver,
    state: this,
    wishes: this,
    accounts: () => [],
    clock: this.clock,
    log: new Log((line) => this.lines.push(line), this.clock).of('panel'),
  });

  current(): BoxState {
    return this.state;
  }

  watch(changed: () => void): Disposable {
    this.#changed = changed;
    return { [Symbol.dispose]: () => {} };
  }

  /** Mail comes or goes; the lamps follow in the same turn. */
  async mail(count: number): Promise<void> {
    this.state = { ...this.state, unretrieved: new Map([['ann', count]]) };
    this.#changed();
    await Promise.resolve();
  }

  async flush(because: string): Promise<Result<string>> {
    this.asked.push(`flush: ${because}`);
    return ok('3 messages: 3 sent.');
  }

  ownerless = false;

  wantsOwner(): boolean {
    return this.ownerless;
  }

  async openSetUp(because: string): Promise<Result<string>> {
    this.asked.push(`set-up: ${because}`);
    return ok('Set-up is open for 10 minutes.');
  }

  async toggleHold(because: string): Promise<Result<string>> {
    this.asked.push(`hold: ${because}`);
    return ok('On hold.');
  }

  shutDown(because: string): void {
    this.asked.push(`shut down: ${because}`);
  }

  canShutDown(): boolean {
    return this.appliance;
  }

  /** A finger stays for so long. */
  async hold(ms: number): Promise<void> {
    const down = this.clock.elapsed();
    this.driver.finger(true, down);
    this.clock.advance(ms);
    this.driver.finger(false, down + ms);
    await new Promise(setImmediate);
  }
}

const usual = 'off off on';

describe('the lamps', () => {
  test('follow each change at once, and are told only what is new', async () => {
    const bench = new Bench();
    await bench.panel.start();
    await bench.mail(1);
    await bench.mail(2);
    await bench.mail(0);
    assert.deepEqual(bench.driver.shown, [usual, 'on off on', usual]);
    assert.equal(bench.clock.waiting, 0, 'nothing is polled');
  });

  test('follow time when time alone changes them', async () => {
    const bench = new Bench();
    const urgentFrom = bench.clock.now() + 90_000_000;
    bench.state = { ...bench.state, queue: { ...bench.state.queue, urgentFrom } };
    await bench.panel.start();
    bench.clock.advance(89_999_999);
    assert.deepEqual(bench.driver.shown, [usual]);
    bench.clock.advance(1);
    assert.deepEqual(bench.driver.shown, [usual, 'off fast on']);
  });

  test('tell who watches', async () => {
    const bench = new Bench();
    await bench.panel.start();
    let told = 0;
    const watching = bench.panel.watch(() => {
      told += 1;
    });
    await bench.mail(1);
    watching[Symbol.dispose]();
    await bench.mail(0);
    assert.equal(told, 1);
  });

  test('go on in the report when the driver does not start', async () => {
    const bench = new Bench();
    const say = 'You may not use the pins: add the user to the group gpio.';
    bench.driver.fails = trouble('no-permission', say, 'EACCES', false);
    await bench.panel.start();
    await bench.mail(1);
    assert.deepEqual(bench.driver.shown, []);
    const report = bench.panel.report();
    assert.equal(report.trouble, say);
    assert.deepEqual(report.lamps[0], {
      lamp: 'mail',
      pattern: 'on',
      say: 'There is mail that its owner has not retrieved.',
    });
    assert.match(bench.lines.map((line) => line.say).join(), /group gpio/);
    await bench.panel.stop();
    assert.ok(!bench.driver.stopped);
  });
});

describe('a finger on the button', () => {
  test('short: flushes, and says so', async () => {
    const bench = new Bench();
    await bench.panel.start();
    await bench.hold(200);
    assert.deepEqual(bench.asked, ['flush: the button was pressed by a finger']);
    assert.deepEqual(bench.driver.shown, [usual, 'on on on', usual]);
    const said = bench.lines.map((line) => line.say);
    assert.deepEqual(said, ['The button was pressed by a finger: flush', '3 messages: 3 sent.']);
  });

  test('sees what it has reached, and acts only when it lets go', async () => {
    const bench = new Bench();
    bench.appliance = true;
    await bench.panel.start();
    const says = () => [...new Set(bench.panel.report().lamps.map(({ say }) => say))].join(' ');
    bench.driver.finger(true, 0);
    bench.clock.advance(2_999);
    assert.match(says(), /^Letting go of the button sends everything that waits, and collects/);
    assert.deepEqual(bench.driver.shown, [usual, 'on on on']);
    bench.clock.advance(1);
    assert.equal(bench.driver.shown.at(-1), 'fast fast fast');
    assert.match(says(), /^Letting go of the button puts the queue on hold/);
    bench.clock.advance(5_000);
    assert.equal(bench.driver.shown.at(-1), 'off off off');
    await bench.mail(1);
    assert.equal(
      bench.driver.shown.at(-1),
      'off off off',
      'the box waits until the finger is gone',
    );
    assert.deepEqual(bench.asked, []);
    bench.driver.finger(false, 8_000);
    assert.deepEqual(bench.asked, ['shut down: the button was pressed by a finger']);
    assert.equal(bench.driver.shown.at(-1), 'on off on');
    assert.doesNotMatch(says(), /button/);
  });

  test('three seconds, while the box has no owner: opens set-up', async () => {
    const bench = new Bench();
    bench.ownerless = true;
    await bench.panel.start();
    await bench.hold(3_000);
    assert.deepEqual(bench.asked, ['set-up: the button was pressed by a finger']);
  });

  test('three seconds: toggles hold', async () => {
    const bench = new Bench();
    await bench.panel.start();
    await bench.hold(3_500);
    assert.deepEqual(bench.asked, ['hold: the button was pressed by a finger']);
  });

  test('eight seconds on a checkout: only says why nothing happens, and shows it before', async () => {
    const bench = new Bench();
    await bench.panel.start();
    await bench.hold(9_000);
    assert.deepEqual(bench.asked, []);
    assert.deepEqual(bench.driver.shown, [usual, 'on on on', 'fast fast fast', usual]);
    assert.match(bench.lines.at(-1)?.say ?? '', /only a box that runs as an appliance/);
  });

  test('half a minute: the button is stuck; said once, nothing done', async () => {
    const bench = new Bench();
    bench.appliance = true;
    await bench.panel.start();
    bench.driver.finger(true, 0);
    bench.clock.advance(30_000);
    await bench.mail(1);
    await bench.mail(0);
    bench.clock.advance(3_600_000);
    assert.equal(bench.driver.shown.at(-1), usual);
    bench.driver.finger(false, 3_630_000);
    assert.deepEqual(bench.asked, []);
    const stuck = bench.lines.filter((line) => /seems to be stuck/.test(line.say));
    assert.equal(stuck.length, 1);
  });

  test('a fault behind a wish ends neither panel nor box', async () => {
    const bench = new Bench();
    bench.flush = async () => {
      throw new Error('a bug');
    };
    await bench.panel.start();
    await bench.hold(100);
    assert.match(bench.lines.at(-1)?.say ?? '', /fault in the program/);
  });

  test('a fault in a driver that starts costs the lamps alone, and is told', async () => {
    const bench = new Bench();
    bench.driver.faulty = 'start';
    await bench.panel.start();
    await bench.mail(1);
    assert.deepEqual(bench.driver.shown, []);
    assert.match(bench.panel.report().trouble ?? '', /^The driver of the front panel has a fault/);
    const told = bench.lines.find(({ level }) => level === 'error');
    assert.match(String(told?.facts['stack']), /a fault in start/);
    const pressed = bench.panel.press(100);
    bench.clock.advance(100);
    await pressed;
    assert.deepEqual(bench.asked, ['flush: the button was pressed by a command']);
  });

  test('a fault in a driver that shows lamps stops the driver, not the box', async () => {
    const bench = new Bench();
    await bench.panel.start();
    bench.driver.faulty = 'show';
    await bench.mail(1);
    await bench.mail(0);
    assert.ok(bench.driver.stopped);
    assert.match(bench.panel.report().trouble ?? '', /has a fault/);
    assert.equal(bench.lines.filter(({ level }) => level === 'error').length, 1);
  });

  test('a fault in a driver that stops ends nothing else', async () => {
    const bench = new Bench();
    await bench.panel.start();
    bench.driver.faulty = 'stop';
    await bench.panel.stop();
    assert.equal(bench.lines.at(-1)?.level, 'error');
  });

  test('after the end nothing is done any more', async () => {
    const bench = new Bench();
    await bench.panel.start();
    await bench.panel.stop();
    assert.ok(bench.driver.stopped);
    await bench.hold(100);
    assert.deepEqual(bench.asked, []);
  });
});

describe('a press by command', () => {
  test('is a press like any other, and hears what it did', async () => {
    const bench = new Bench();
    await bench.panel.start();
    const pressed = bench.panel.press(3_000);
    assert.equal(bench.driver.shown.at(-1), 'on on on');
    bench.clock.advance(3_000);
    assert.deepEqual(await pressed, ok('On hold.'));
    assert.deepEqual(bench.asked, ['hold: the button was pressed by a command']);
  });

  test('gives way to a finger that is there', async () => {
    const bench = new Bench();
    await bench.panel.start();
    bench.driver.finger(true, 0);
    const refused = failed(refusal('busy', 'Somebody has a finger on the button.'));
    assert.deepEqual(await bench.panel.press(100), refused);
  });
});
