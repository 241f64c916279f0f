/*
 * Runs in the virtual machine (test/hardware/pins.test.ts starts it): both drivers of pins against
 * real kernel GPIO, laid out as on each Raspberry Pi. A line "# measured: ..." is shown by the test
 * outside.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pause } from '#base/clock';
import { AutoPanel } from '#hardware/drivers/auto-panel';
import type { ButtonEvent, PanelDriver, PanelTrouble, Pattern } from '#panel/panel';
import { layouts, makeBoard, makeChip, type SimChip } from '../sim.ts';
import { clock, type DriverName, drivers, log, makePinPanel } from './panel.ts';

const [mail, queue, status, flush] = [17, 27, 22, 23] as const;
const labelOfPi4 = 'pinctrl-bcm2711';

function pi4(): SimChip {
  return makeChip('pi4', labelOfPi4, 58, 522);
}

function grant(path: string, group: number): void {
  chownSync(path, 0, group);
  chmodSync(path, 0o660);
}

/** Does what udev does with lines that are exported; late, as udev is. */
function startUdev(group: number): ChildProcess {
  const files = '/sys/class/gpio/gpio[0-9]*/{value,direction,active_low,edge}';
  const turn = `chgrp ${group} ${files} && chmod 660 ${files}`;
  return spawn('bash', ['-c', `while sleep 0.1; do ${turn}; done 2>/dev/null`]);
}

function lamps(...pairs: readonly (readonly [string, Pattern])[]): Map<string, Pattern> {
  return new Map(pairs);
}

async function started(panel: PanelDriver, pressed = (_: ButtonEvent) => {}): Promise<void> {
  const answer = await panel.start(pressed);
  assert.ok(answer.ok, answer.ok ? '' : `${answer.error.say} (${answer.error.detail})`);
}

async function refused(panel: PanelDriver): Promise<PanelTrouble> {
  const answer = await panel.start(() => {});
  await panel.stop();
  assert.ok(!answer.ok, 'it started');
  return answer.error;
}

for (const layout of layouts) {
  for (const driver of drivers) {
    for (const model of [layout.model, '']) {
      const told = model === '' ? 'by its chip' : 'by its model';
      test(`${driver} finds the header of a Raspberry Pi ${layout.name}, ${told}`, async () => {
        using board = makeBoard(layout);
        const panel = makePinPanel(driver, { model });
        await started(panel);
        for (const [lamp, line] of [
          ['mail', mail],
          ['queue', queue],
          ['status', status],
        ] as const) {
          panel.show(lamps([lamp, 'on']));
          assert.deepEqual(
            [mail, queue, status].filter((one) => board.header.level(one)),
            [line],
          );
        }
        await panel.stop();
        assert.equal(board.header.level(status), false);
      });
    }
  }
}

test('another chip with as many lines is not taken for the header', async () => {
  using _ = makeChip('other', 'gpio-mockup-A', 58, 512);
  for (const driver of drivers) {
    assert.equal((await refused(makePinPanel(driver))).code, 'no-chip');
    const trouble = await refused(
      makePinPanel(driver, { model: 'Raspberry Pi 4 Model B Rev 1.4' }),
    );
    assert.match(trouble.say, /Raspberry Pi 4, but its kernel shows no GPIO chip with the label/);
  }
});

for (const driver of drivers) {
  test(`${driver}: a lamp that is lit at 0 V, and pins of the owner's own`, async () => {
    using chip = pi4();
    const own = [
      { name: 'mail', gpio: 5, active: 'low' },
      { name: 'queue', gpio: undefined },
      { name: 'mail.ann', gpio: 6 },
    ] as const;
    const panel = makePinPanel(driver, { own });
    await started(panel);
    assert.deepEqual([chip.level(5), chip.level(6)], [true, false]);
    panel.show(lamps(['mail', 'on'], ['queue', 'on'], ['mail.ann', 'on']));
    assert.deepEqual([chip.level(5), chip.level(6), chip.level(queue)], [false, true, false]);
    panel.show(lamps(['mail', 'off']));
    assert.deepEqual([chip.level(5), chip.level(6)], [true, false]);
    await panel.stop();
  });

  test(`${driver}: a lamp blinks`, async () => {
    using chip = pi4();
    const panel = makePinPanel(driver);
    await started(panel);
    panel.show(lamps(['status', 'fast']));
    for (const level of [true, false, true, false]) {
      while (chip.level(status) !== level)
        await new Promise((soon) => clock.after(5, () => soon(0)));
    }
    await panel.stop();
  });

  test(`${driver}: a press is told, its chatter is not`, async () => {
    using chip = pi4();
    chip.pull(flush, true);
    const told: ButtonEvent[] = [];
    const panel = makePinPanel(driver);
    await started(panel, (event) => told.push(event));
    let [pushed, felt, released, heard] = [0, 0, 0, 0];
    let steady: boolean;
    do {
      told.length = 0;
      pushed = clock.elapsed();
      steady = chatter(chip, false);
      await until(() => told.at(-1)?.down === true);
      felt = clock.elapsed();
      await pause(clock, 300);
      released = clock.elapsed();
      steady = chatter(chip, true) && steady;
      await until(() => told.at(-1)?.down === false);
      heard = clock.elapsed();
    } while (!steady);
    await panel.stop();
    const [down, up] = told;
    assert.deepEqual(
      told.map(({ button, down }) => [button, down]),
      [
        ['flush', true],
        ['flush', false],
      ],
    );
    const [held, heldSo] = [released - pushed, (up?.at ?? 0) - (down?.at ?? 0)];
    console.log(
      `# measured: ${driver}, held ${held.toFixed(1)} ms, told ${heldSo.toFixed(1)} ms; ` +
        `heard ${(heard - released).toFixed(1)} ms after release`,
    );
    // How long something takes is a matter of the machine; what comes before what is not.
    const times = [pushed, down?.at ?? 0, felt, released, up?.at ?? 0, heard];
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
      `held for ${heldSo} ms`,
    );
  });

  test(`${driver}: a pin in use is told, with who has it where the kernel says so`, async () => {
    using _ = pi4();
    const first = makePinPanel('chardev', { own: [{ name: 'queue', gpio: undefined }] });
    await started(first);
    const { code, say } = await refused(makePinPanel(driver));
    assert.equal(code, 'busy');
    assert.match(say, /^GPIO 17 \(pin 11 of the header\) is in use by/);
    if (driver === 'chardev') assert.match(say, /by "restante"\. .*panel\.pins/);
    await first.stop();
    await startsAndStops(driver);
  });

  test(`${driver}: a line that somebody else exported is left alone`, async () => {
    using _ = pi4();
    writeFileSync('/sys/class/gpio/export', `${522 + queue}`);
    const { code, say } = await refused(makePinPanel(driver));
    assert.equal(code, 'busy');
    assert.match(say, /^GPIO 27 \(pin 13 of the header\) is .*unexport/);
    assert.ok(existsSync(`/sys/class/gpio/gpio${522 + queue}`));
    assert.ok(!existsSync(`/sys/class/gpio/gpio${522 + mail}`));
    writeFileSync('/sys/class/gpio/unexport', `${522 + queue}`);
  });

  test(`${driver}: without permission it says which group is needed`, async () => {
    using _ = pi4();
    // Whoever started the panel before has loaded what must be loaded.
    await refused(makePinPanel(driver, { own: [{ name: 'mail', gpio: 99 }] }));
    const panel = makePinPanel(driver, { model: 'Raspberry Pi 4 Model B Rev 1.4' });
    process.seteuid?.(65534);
    try {
      const { code, say } = await refused(panel);
      assert.equal(code, 'no-permission');
      assert.match(say, /group gpio \(sudo usermod -aG gpio/);
    } finally {
      process.seteuid?.(0);
    }
  });

  test(`${driver}: as a member of the group that may use the pins`, async () => {
    using chip = pi4();
    const gpioGroup = 997;
    for (const path of [chip.path, '/sys/class/gpio/export', '/sys/class/gpio/unexport']) {
      grant(path, gpioGroup);
    }
    const udev = startUdev(gpioGroup);
    const panel = makePinPanel(driver, { notes: '/tmp/restante-pins' });
    process.setegid?.(gpioGroup);
    process.seteuid?.(65534);
    try {
      await started(panel);
      panel.show(lamps(['mail', 'on']));
    } finally {
      process.seteuid?.(0);
      process.setegid?.(0);
      udev.kill();
    }
    assert.equal(chip.level(mail), true);
    await panel.stop();
  });

  test(`${driver}: a pin that the header does not have`, async () => {
    using _ = pi4();
    const { code, say } = await refused(
      makePinPanel(driver, { own: [{ name: 'mail', gpio: 40 }] }),
    );
    assert.equal(code, 'wrong-pin');
    assert.match(say, /The header has no GPIO 40, which mail should use/);
  });

  test(`${driver}: a process that ends by itself leaves dark lamps and free lines`, async () => {
    using chip = pi4();
    const child = await litBy(driver);
    assert.equal(chip.level(mail), true);
    child.stdin?.end('exit\n');
    const [exit] = await once(child, 'exit');
    assert.equal(exit, 3);
    assert.equal(chip.level(mail), false);
    assert.ok(!existsSync(`/sys/class/gpio/gpio${522 + mail}`));
    await startsAndStops(driver);
  });
}

test('chardev: kill -9 frees the lines at once, and the lamp goes dark', async () => {
  using chip = pi4();
  const child = await litBy('chardev');
  assert.equal(chip.level(mail), true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(chip.level(mail), false);
  await startsAndStops('chardev');
});

test('onoff: kill -9 leaves the lamp lit until the next start takes the line back', async () => {
  using chip = pi4();
  const child = await litBy('onoff');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(chip.level(mail), true);
  const others = await refused(makePinPanel('onoff', { notes: '/run/notes-of-another-box' }));
  assert.equal(others.code, 'busy');
  const panel = makePinPanel('onoff');
  await started(panel);
  assert.equal(chip.level(mail), false);
  await panel.stop();
  assert.ok(!existsSync(`/sys/class/gpio/gpio${522 + mail}`));
  assert.ok(!existsSync('/run/restante-pins'));
});

test('chardev pulls the button up by itself', async () => {
  using chip = pi4();
  assert.equal(chip.level(flush), false);
  const panel = makePinPanel('chardev');
  await started(panel);
  assert.equal(chip.level(flush), true);
  await panel.stop();
});

test('auto: the character device, else onoff, else what is left', async () => {
  const auto = () => {
    const left: PanelDriver = {
      name: 'left',
      start: async () => ({ ok: true, value: undefined }),
      show: () => {},
      stop: async () => {},
    };
    return new AutoPanel([makePinPanel('chardev'), makePinPanel('onoff'), left], log);
  };
  const nameOf = async () => {
    const panel = auto();
    await started(panel);
    const { name } = panel;
    await panel.stop();
    return name;
  };
  assert.equal(await nameOf(), 'left');
  using chip = pi4();
  assert.equal(await nameOf(), 'chardev');
  renameSync(chip.path, '/dev/hidden');
  assert.equal(await nameOf(), 'onoff');
  renameSync('/dev/hidden', chip.path);
});

test('a level follows show() at once', async () => {
  using _ = pi4();
  for (const driver of drivers) {
    const panel = makePinPanel(driver);
    await started(panel);
    const took: number[] = [];
    for (let turn = 0; turn < 200; turn += 1) {
      const began = clock.elapsed();
      panel.show(lamps(['mail', turn % 2 === 0 ? 'on' : 'off']));
      took.push(clock.elapsed() - began);
    }
    await panel.stop();
    const middle = took.sort((a, b) => a - b)[100] ?? 0;
    console.log(`# measured: ${driver}, from show() to the level ${(middle * 1000).toFixed(0)} us`);
    assert.ok(middle < 20, `${middle} ms`);
  }
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(clock, 5);
}

/** A button that bounces until it is up or down. False: this machine is so busy that a bounce took
 * as long as a press may. */
function chatter(chip: SimChip, up: boolean): boolean {
  const times = [up, !up, up, !up, up].map((level) => {
    chip.pull(flush, level);
    return clock.elapsed();
  });
  return times.every((time, index) => time - (times[index - 1] ?? time) < 10);
}

async function startsAndStops(driver: DriverName): Promise<void> {
  const panel = makePinPanel(driver);
  await started(panel);
  await panel.stop();
}

/** A process of its own that has lit the lamp mail. */
async function litBy(driver: DriverName): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('panel.ts', import.meta.url));
  const words = ['--conditions=source', '--disable-warning=ExperimentalWarning', program, driver];
  const child = spawn(process.execPath, [...words, '/run/restante-pins'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  const [, added] = /^lit, (.*)\n$/.exec(String(said)) ?? [];
  assert.ok(added, String(said));
  console.log(`# measured: ${driver}, adds ${added} resident to a process`);
  return child;
}
