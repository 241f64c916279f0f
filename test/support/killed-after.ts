/* A program that is killed while it works, as a power cut would do it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Lets a program of test/support/ work until it has said so many things, and kills it. What it
 * said. */
export async function killedAfter(
  things: number,
  program: URL,
  ...words: readonly string[]
): Promise<string[]> {
  const all = ['--conditions=source', fileURLToPath(program), ...words];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === things) child.kill('SIGKILL');
  }
  if (child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
  return said;
}
