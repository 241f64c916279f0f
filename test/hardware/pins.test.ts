/*
 * The drivers of pins, and whole boxes on them, against real kernel GPIO. The tests are in guest/
 * and run in a virtual machine; here each of them appears under its name, with what was measured.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compile } from '../../scripts/bench/restante.ts';
import { startOutgoingBox } from '../support/outgoing-box.ts';
import { buildVm, noVm, runInVm } from './vm.ts';

const why = noVm();
const runtime = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
const tests = fileURLToPath(new URL('guest/tests.ts', import.meta.url));

test('pins, in a virtual machine', { skip: why ?? false }, async (t) => {
  const built = buildVm();
  if ('why' in built) {
    // Without a network there are no packages; in CI there must be one.
    if (process.env['CI'] === 'true') assert.fail(built.why);
    return t.skip(built.why);
  }
  const folder = await mkdtemp(join(process.env['VM_TMP'] ?? '/var/tmp', 'restante-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const dist = await compile(folder);
  const cache = join(folder, 'compiled');
  const seeded = await seed(join(folder, 'seed'), dist, cache);
  await compileTests(cache);
  const env = [`BOX_DIST=${dist}`, `BOX_SEED=${seeded}`, `NODE_COMPILE_CACHE=${cache}`];
  const words = ['env', ...env, process.execPath, ...runtime, '--test-reporter=tap'];
  const { status, output } = await runInVm(
    built.out,
    [...(await inMemory(folder)), ...words, '--test-force-exit', tests],
    900,
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
 * and opens no set-up; for those in the guest to begin with. What Node compiled for it goes to
 * `cache`, for an emulated processor compiles slowly. */
async function seed(data: string, dist: string, cache: string): Promise<string> {
  await mkdir(data);
  const house = await startOutgoingBox({ data, dist, env: { NODE_COMPILE_CACHE: cache } });
  await house.person('ann', 'ann@example.org');
  await house.command(['owner', 'password'], 'a long password');
  await house.box.kill();
  return data;
}

/** Words before a command of the guest, for which this folder lies in memory there: each look at a
 * file of this machine takes a guest milliseconds, and each start of a box takes thousands. */
async function inMemory(folder: string): Promise<readonly string[]> {
  const archive = join(folder, 'archive');
  await promisify(execFile)('tar', ['-cf', archive, '-C', folder, '--exclude=./archive', '.']);
  const script =
    'cd "$0" && exec 3<archive && mount -t tmpfs memory "$0" && tar -xf - -C "$0" <&3 && ' +
    'cd "$OLDPWD" && exec "$@"';
  return ['sh', '-c', script, folder];
}

/** Loads what the guest is to run, and runs none of it. */
async function compileTests(cache: string): Promise<void> {
  const words = [...runtime, '--test-force-exit', '--test-skip-pattern=.', tests];
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  await promisify(execFile)(process.execPath, words, { env });
}
