/* Node-RED switched on and off, on a runner that remembers and a clock that is turned by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log } from '#base/log';
import { failed, ok, type Result, trouble } from '#base/result';
import type { Demand } from '#web/flows/demand';
import { FlowsPower } from '#web/flows/flows-power';
import type { FlowsRunner, FlowsState } from '#web/flows/runner';
import { FakeClock } from '../../support/fake-clock.ts';

class RememberingRunner implements FlowsRunner {
  readonly name = 'remembering';
  readonly did: string[] = [];
  state: FlowsState = { kind: 'off' };
  absent = false;
  #changed = () => {};
  /** What it learns at its next look. */
  untold: string | undefined;

  async start(): Promise<Result<void>> {
    this.did.push('start');
    if (this.absent) return failed(trouble('flows', 'Its program is not there.', ''));
    this.state = { kind: 'on' };
    return ok(undefined);
  }

  async stop(): Promise<void> {
    this.did.push('stop');
    this.state = { kind: 'off' };
  }

  watch(changed: () => void): Disposable {
    this.#changed = changed;
    return { [Symbol.dispose]: () => {} };
  }

  memory() {
    return undefined;
  }

  async look(): Promise<void> {
    if (this.untold !== undefined) this.state = { kind: 'ended', say: this.untold };
    this.untold = undefined;
  }

  crash(say: string): void {
    this.state = { kind: 'ended', say };
    this.#changed();
  }
}

class Bench {
  readonly clock = new FakeClock();
  readonly runner = new RememberingRunner();
  listens = false;
  settings: Pick<Demand, 'run' | 'idle'> = { run: 'demand', idle: 600_000 };
  note: string | undefined;
  readonly said: string[] = [];
  readonly power = new FlowsPower({
    runner: this.runner,
    reachable: async () => this.listens,
    settings: () => this.settings,
    note: {
      read: async () => this.note,
      write: async (why) => {
        this.note = why;
      },
    },
    clock: this.clock,
    log: new Log(({ say }) => this.said.push(say), this.clock),
  });

  /** Somebody wanted a page, and it is there. */
  static async running(): Promise<Bench> {
    const bench = new Bench();
    bench.listens = true;
    await bench.power.start();
    bench.power.want();
    await bench.pass(400);
    return bench;
  }

  /** Lets promises settle, and time pass. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 200) {
      await new Promise((resolve) => setImmediate(resolve));
      if (left > 0) this.clock.advance(Math.min(left, 200));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a wanted page starts it, and it is ready when its socket is', async () => {
  const bench = new Bench();
  await bench.power.start();
  const before = bench.power.condition;
  assert.equal(before.kind, 'off');
  bench.power.want();
  await bench.pass(6_000);
  const condition = bench.power.condition;
  assert.ok(condition.kind === 'starting' && condition.progress > 0.4 && condition.progress < 0.6);
  const ready = bench.power.ready(60_000);
  bench.listens = true;
  await bench.pass(200);
  assert.ok(await ready);
  assert.deepEqual(bench.runner.did, ['start']);
});

test('the log says why it starts and stops', async () => {
  const bench = new Bench();
  bench.settings = { run: 'always', idle: 1_000 };
  bench.listens = true;
  await bench.power.start();
  await bench.pass(200);
  bench.settings = { run: 'off', idle: 1_000 };
  bench.power.look();
  await bench.pass(200);
  bench.settings = { run: 'demand', idle: 1_000 };
  bench.power.want();
  await bench.pass(2_000);
  assert.deepEqual(
    bench.said.filter((say) => say.includes(', for ')),
    [
      'Node-RED starts, for flows.run is always',
      'Node-RED is stopped, for flows.run is off',
      'Node-RED starts, for a page is wanted',
      'Node-RED is stopped, for nobody looks at a page',
    ],
  );
});

test('the next start tells how far it is by the last one', async () => {
  const bench = new Bench();
  await bench.power.start();
  bench.power.want();
  await bench.pass(4_000);
  bench.listens = true;
  await bench.pass(400);
  bench.runner.crash('It ended by SIGKILL.');
  bench.listens = false;
  await bench.pass(3_000);
  bench.power.want();
  await bench.pass(2_000);
  const condition = bench.power.condition;
  assert.ok(condition.kind === 'starting' && condition.left < 2_600, JSON.stringify(condition));
});

test('it stops when nobody looks, not while a web socket is open', async () => {
  const bench = new Bench();
  bench.listens = true;
  await bench.power.start();
  const socket = bench.power.enter();
  await bench.pass(1_000);
  assert.equal(bench.power.condition.kind, 'ready');
  bench.clock.advance(2_000_000);
  await bench.pass(0);
  assert.deepEqual(bench.runner.did, ['start']);
  socket[Symbol.dispose]();
  socket[Symbol.dispose]();
  bench.clock.advance(599_999);
  await bench.pass(0);
  assert.equal(bench.power.condition.kind, 'ready');
  bench.clock.advance(1);
  await bench.pass(0);
  assert.deepEqual(bench.runner.did, ['start', 'stop']);
  assert.equal(bench.power.condition.kind, 'off');
});

test('a program that is not there is told, and not sought in a loop', async () => {
  const bench = new Bench();
  bench.runner.absent = true;
  await bench.power.start();
  bench.power.want();
  await bench.pass(1_000_000 / 50);
  const condition = bench.power.condition;
  assert.ok(condition.kind === 'failed' && /not there/.test(condition.say));
  assert.deepEqual(bench.runner.did, ['start']);
  assert.ok(!(await bench.power.ready(60_000)));
});

test('a crash is told to who waits, and the next request starts it anew', async () => {
  const bench = new Bench();
  await bench.power.start();
  bench.power.want();
  await bench.pass(1_000);
  const ready = bench.power.ready(60_000);
  bench.runner.crash('It ended with status 1.');
  assert.equal(await ready, false);
  assert.equal(bench.power.condition.kind, 'failed');
  bench.power.want();
  assert.deepEqual(bench.runner.did, ['start'], 'not at once');
  await bench.pass(2_000);
  bench.power.want();
  await bench.pass(0);
  assert.deepEqual(bench.runner.did, ['start', 'start']);
});

test('an end that nobody told is seen at the next glance, not after three minutes', async () => {
  const bench = new Bench();
  await bench.power.start();
  bench.power.want();
  await bench.pass(1_000);
  bench.runner.untold = 'It ended with status 1. The flows are broken.';
  const ready = bench.power.ready(60_000);
  await bench.pass(200);
  assert.equal(await ready, false);
  const { outlook } = bench.power;
  assert.ok(outlook.kind === 'failed' && /flows are broken/.test(outlook.say));
});

test('one that ran and crashed once is on its way back for whoever wants it then', async () => {
  const bench = await Bench.running();
  bench.listens = false;
  bench.runner.crash('It ended by SIGKILL.');
  assert.equal(bench.power.outlook.kind, 'failed', 'nobody wants it');
  await bench.pass(200);
  const visit = bench.power.enter();
  assert.equal(bench.power.outlook.kind, 'starting');
  assert.equal(bench.power.condition.kind, 'failed', 'status tells what happened');
  const ready = bench.power.ready(60_000);
  await bench.pass(2_000);
  assert.deepEqual(bench.runner.did, ['start', 'start']);
  bench.listens = true;
  await bench.pass(200);
  assert.ok(await ready);
  visit[Symbol.dispose]();
});

test('one that crashes while it comes back is told to who waits', async () => {
  const bench = await Bench.running();
  bench.listens = false;
  bench.runner.crash('It ended by SIGKILL.');
  await bench.pass(200);
  using _visit = bench.power.enter();
  const ready = bench.power.ready(60_000);
  await bench.pass(2_000);
  bench.runner.crash('It ended by SIGKILL again.');
  assert.equal(await ready, false);
  const { outlook } = bench.power;
  assert.ok(outlook.kind === 'failed' && /again/.test(outlook.say));
});

test('one that never listens has failed after three minutes', async () => {
  const bench = new Bench();
  await bench.power.start();
  bench.power.want();
  await bench.pass(181_000);
  assert.equal(bench.power.condition.kind, 'failed');
  assert.deepEqual(bench.runner.did, ['start', 'stop']);
});

test('a flow that waits for events keeps it on, also after a restart of the box', async () => {
  const bench = await Bench.running();
  await bench.power.stay('the flow Door bell');
  bench.clock.advance(5_000_000);
  await bench.pass(0);
  assert.equal(bench.power.condition.kind, 'ready');
  const again = new Bench();
  again.note = bench.note;
  await again.power.start();
  await again.pass(0);
  assert.deepEqual(again.runner.did, ['start']);
  again.listens = true;
  await again.pass(400);
  await again.power.stay(undefined);
  await again.pass(0);
  assert.deepEqual(again.runner.did, ['start', 'stop']);
  assert.equal(again.note, undefined);
});

test('switched off by the setting, it ends at once', async () => {
  const bench = await Bench.running();
  bench.settings = { run: 'off', idle: 600_000 };
  bench.power.look();
  await bench.pass(0);
  assert.deepEqual(bench.runner.did, ['start', 'stop']);
  bench.power.want();
  await bench.pass(400);
  assert.equal(bench.power.condition.kind, 'off');
});

test('who comes while it stops waits for the start after that', async () => {
  const bench = await Bench.running();
  let letGo = () => {};
  const stopped = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  bench.runner.stop = async () => {
    await stopped;
    bench.runner.state = { kind: 'off' };
  };
  bench.settings = { ...bench.settings, run: 'off' };
  bench.power.look();
  assert.equal(bench.power.condition.kind, 'stopping');
  bench.settings = { ...bench.settings, run: 'demand' };
  using _entered = bench.power.enter();
  const ready = bench.power.ready(60_000);
  letGo();
  await bench.pass(200);
  assert.equal(await ready, true);
});

test('the box stops, and it with it', async () => {
  const bench = new Bench();
  await bench.power.start();
  bench.power.want();
  await bench.pass(400);
  await bench.power.stop();
  assert.deepEqual(bench.runner.did, ['start', 'stop']);
});
