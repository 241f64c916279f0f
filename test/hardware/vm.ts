/*
 * A virtual machine with real kernel GPIO: builds its kernel once (vm/build; kept in the user's
 * cache until the recipe or Debian's kernel changes) and runs commands in it (vm/run). The guest
 * sees this machine's files as they are, so that tests, and whole boxes, run there unchanged.
 */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { arch, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingProgram } from '../support/programs.ts';

const folder = fileURLToPath(new URL('vm/', import.meta.url));
const programs = [
  'qemu-system-x86_64',
  'gcc-12',
  'make',
  'cpio',
  'xz',
  'strip',
  'apt-get',
  'flock',
];

/** Why there can be no virtual machine here; undefined when there can. */
export function noVm(): string | undefined {
  if (arch() !== 'x64') return 'the virtual machine needs an x86-64 machine';
  if (!debian12()) return 'the virtual machine is made of packages of Debian 12';
  return programs.map(missingProgram).find((why) => why !== undefined);
}

function debian12(): boolean {
  try {
    return /^VERSION_CODENAME=bookworm$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** The folder with the guest's kernel, made when there is none; or why it cannot be made. */
export function buildVm(): { out: string } | { why: string } {
  const recipe = createHash('sha256');
  for (const file of ['build', 'init']) recipe.update(readFileSync(join(folder, file)));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const out = join(cache, 'restante', `gpio-vm-${recipe.digest('hex').slice(0, 12)}`);
  mkdirSync(out, { recursive: true });
  if (existsSync(join(out, 'vmlinux'))) return { out };
  // Two test runs at the same time build it once.
  const lock = ['-w', '300', out, 'sh', '-c', '[ -e "$1/vmlinux" ] || "$0" "$1"'];
  const made = spawnSync('flock', [...lock, join(folder, 'build'), out], {
    encoding: 'utf8',
    timeout: 400_000,
  });
  return made.status === 0 ? { out } : { why: `the guest's kernel was not made: ${made.stderr}` };
}

export interface Ran {
  /** 99: the guest did not come to an end. */
  readonly status: number;
  readonly output: string;
}

/** Runs a command as root in the guest, in this checkout. */
export function runInVm(out: string, words: readonly string[], seconds = 180): Promise<Ran> {
  const env = { ...process.env, VM_TIMEOUT: `${seconds}` };
  const cwd = fileURLToPath(new URL('../../', import.meta.url));
  return new Promise((resolve) => {
    execFile(join(folder, 'run'), [out, ...words], { env, cwd }, (error, stdout, stderr) => {
      const status = typeof error?.code === 'number' ? error.code : error === null ? 0 : 99;
      resolve({ status, output: stdout + stderr });
    });
  });
}
