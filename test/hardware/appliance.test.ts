/*
 * The appliance as on a machine of its own: installed, in use, installed again, brought up to date,
 * killed, stopped and undone, under a real systemd (systemd/run). The steps are in guest/appliance.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { missingProgram } from '../support/programs.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const onSystemd = fileURLToPath(new URL('systemd/run', import.meta.url));
const steps = fileURLToPath(new URL('guest/appliance', import.meta.url));
const install = join(checkout, 'hardware/system/install');
const programs = ['unshare', 'findmnt', 'curl', 'swaks', 'systemctl'];

/** All but `unused`, which waits for a minute. */
const wanted = ['stick', 'apart', 'pages_killed', 'box_stopped', 'box_killed', 'again', 'newer'];

/** Why it cannot run here; not every machine lets namespaces and cgroups be made. */
function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'namespaces are made by root only';
  const missing = programs.map(missingProgram).find((why) => why !== undefined);
  if (missing !== undefined) return missing;
  const tried = spawnSync(onSystemd, ['systemctl', 'is-active', 'basic.target'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return tried.status === 0 ? false : `systemd does not run here: ${tried.stderr}${tried.stdout}`;
}

test('the appliance under a real systemd, from installing to undoing', async (t) => {
  const why = whyNot();
  if (why !== false) return t.skip(why);
  const root = await mkdtemp(join(process.env['VM_TMP'] ?? '/var/tmp', 'appliance-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const run = promisify(execFile);
  await run(install, ['--root', root]);
  const words = ['sh', steps, root, ...wanted, 'undone'];
  const env = { ...process.env, VM_TIMEOUT: '900' };
  const { stdout } = await run(onSystemd, words, { cwd: checkout, env });
  for (const [line] of stdout.matchAll(/^== .*$/gm)) t.diagnostic(line);
  assert.match(stdout, /^== \S+ all is as it should be$/m);
});
