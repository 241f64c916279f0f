/*
 * A rehearsal: the backup is restored into a scratch folder, read back to its last octet, and
 * counted. Its sealed files are opened with the passphrase and not written, so that no key lies
 * about on a disk that people carry away. The scratch folder is gone afterwards, in any case.
 */
import { mkdir, rm, stat } from 'node:fs/promises';
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { failed, ok, type Result } from '#base/result';
import { countAccounts } from '../store/sqlite/backup.ts';
import { finishRestore, stageRestore } from '../store/sqlite/restore.ts';
import { verifyStore } from '../store/sqlite/verify.ts';

export interface Rehearsed {
  readonly messages: number;
  readonly accounts: number;
  /** What is wrong, a sentence each; empty when all is well. */
  readonly findings: readonly string[];
}

export async function rehearse(
  backup: string,
  passphrase: string,
  scratch: string,
  ports: { readonly clock: Clock; readonly random: Random },
): Promise<Result<Rehearsed>> {
  try {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { mode: 0o700 });
    const request = { backup, directory: scratch, passphrase, overwrite: false, rehearsal: true };
    const staged = await stageRestore(request, ports.clock, ports.random);
    if (!staged.ok) return staged;
    await finishRestore(scratch);
    const verified = await verifyStore(scratch);
    if (!verified.ok) return verified;
    const accounts = await countAccounts(scratch);
    const { messages, findings } = verified.value;
    return ok({ messages, findings, accounts });
  } catch (error) {
    return failed(brokenOff(error));
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => {});
  }
}

/** Octets that it wants on its disk. */
export async function roomWanted(backup: string): Promise<number> {
  const { size } = await stat(backup);
  return Math.ceil(size * 1.1) + 16 * 1024 * 1024;
}

function brokenOff(error: unknown) {
  const detail = error instanceof Error ? error.message : String(error);
  const say = `The disk failed while the backup was tried: ${detail}`;
  return { kind: 'trouble', code: 'failing', temporary: true, say, detail } as const;
}
