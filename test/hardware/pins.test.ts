/*
 * The drivers of pins, and whole boxes on them, against real kernel GPIO. The tests are in guest/
 * and run in a virtual machine; here each of them appears under its name, with what was measured.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { compile } from '../../scripts/bench/restante.ts';
import { startOutgoingBox } from '../support/outgoing-box.ts';
import { buildVm, noVm, runInVm } from './vm.ts';

const why = noVm();

test('pins, in a virtual machine', { skip: why ?? false }, async (t) => {
  const built = buildVm();
  if ('why' in built) {
    // Without a network there are no packages; in CI there must be one.
    if (process.env['CI'] === 'true') assert.fail(built.why);
    return t.skip(built.why);
  }
  const folder = await mkdtemp(join(process.env['VM_TMP'] ?? '/var/tmp', 'restante-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { status, output } = await runInVm(
    built.out,
    [
      'env',
      `BOX_DIST=${await compile(folder)}`,
      `BOX_SEED=${await seed(join(folder, 'seed'))}`,
      process.execPath,
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      '--test-reporter=tap',
      '--test-force-exit',
      'test/hardware/guest/tests.ts',
    ],
    500,
  );
  const told = [...output.matchAll(/^(not )?ok \d+ - (.*?)(?: # .*)?\r?$/gm)];
  for (const [, not, name = ''] of told) {
    await t.test(name, () => assert.equal(not, undefined, excerpt(output, name)));
  }
  for (const [, measured = ''] of output.matchAll(/^# (measured: .*?)\r?$/gm))
    t.diagnostic(measured);
  assert.equal(status, 0, told.length === 0 ? output : 'the tests in the guest failed');
  assert.ok(told.length > 20, output);
});

/** What the guest said about one test. */
function excerpt(output: string, name: string): string {
  const from = output.indexOf(`# Subtest: ${name}`);
  const to = output.indexOf('# Subtest: ', from + 1);
  return output.slice(from, to < 0 ? undefined : to);
}

/** The data directory of a box in which Ann lives, and that has an owner, so that the button holds
 * and opens no set-up; for those in the guest to begin with. */
async function seed(data: string): Promise<string> {
  await mkdir(data);
  const house = await startOutgoingBox({ data });
  await house.person('ann', 'ann@example.org');
  await house.command(['owner', 'password'], 'a long password');
  await house.box.kill();
  return data;
}
