/* What a killed run left exported is remembered until it has been taken back. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { usualPins } from '#hardware/boards/board';
import { Notes } from '#hardware/drivers/onoff/notes';
import { OnoffPins } from '#hardware/drivers/onoff/onoff';
import { Sysfs } from '#hardware/drivers/onoff/sysfs';
import { FakeClock } from '../../../../support/fake-clock.ts';

/** The package is optional. */
function noOnoff(): string | false {
  try {
    createRequire(import.meta.url)('onoff');
    return false;
  } catch {
    return 'the package onoff is not installed';
  }
}

const chip = { label: 'pinctrl-bcm2711', lines: 58, base: 512 };
const mail = 512 + 17;

describe('lines that a killed run left exported', { skip: noOnoff() }, () => {
  let folder: string;
  let notes: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'restante-'));
    notes = join(folder, 'notes');
    await mkdir(join(folder, `gpio${mail}`));
    await writeFile(join(folder, 'export'), '');
    await new Notes(notes).write([mail]);
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function take() {
    const clock = new FakeClock();
    const driver = new OnoffPins(clock, notes, new Sysfs(clock, folder));
    const taken = await driver.take(chip, usualPins, () => {});
    assert.ok(!taken.ok, 'these are no real files of the kernel');
    return taken.error;
  }

  test('stay noted while they cannot be given back', async () => {
    await mkdir(join(folder, 'unexport'));
    assert.equal((await take()).code, 'lost');
    assert.deepEqual(await new Notes(notes).left(), [mail]);
  });

  test('are no longer ours once they were given back, whatever happens then', async () => {
    await writeFile(join(folder, 'unexport'), '');
    await mkdir(join(folder, 'gpio539'));
    // It looks exported, still or again: to the driver it is another program's now.
    assert.equal((await take()).code, 'busy');
    assert.equal(await readFile(join(folder, 'unexport'), 'utf8'), `${mail}`);
    assert.deepEqual(await new Notes(notes).left(), []);
  });

  test('nothing stays noted of a run that got no line', async () => {
    await writeFile(join(folder, 'unexport'), '');
    await rm(join(folder, `gpio${mail}`), { recursive: true });
    await rm(join(folder, 'export'));
    await mkdir(join(folder, 'export'));
    assert.equal((await take()).code, 'lost');
    assert.deepEqual(await new Notes(notes).left(), []);
  });
});
