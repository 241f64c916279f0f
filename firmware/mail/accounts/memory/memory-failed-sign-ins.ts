/* Failed sign-ins without a disk, for tests. */
import { ok, type Result } from '#base/result';
import type { StoreTrouble } from '../../store/store.ts';
import type { FailedSignIn, FailedSignInRecords, Who } from '../tally.ts';

export class MemoryFailedSignIns implements FailedSignInRecords {
  #entries: FailedSignIn[] = [];

  async load(): Promise<FailedSignIn[]> {
    return [...this.#entries];
  }

  async save(
    changed: readonly FailedSignIn[],
    gone: readonly Who[],
  ): Promise<Result<void, StoreTrouble>> {
    const out = [...changed, ...gone];
    this.#entries = this.#entries.filter(
      (one) => !out.some((other) => one.login === other.login && one.address === other.address),
    );
    this.#entries.push(...changed);
    return ok(undefined);
  }
}
