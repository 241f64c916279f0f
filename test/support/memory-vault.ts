/* Tokens in memory, in the place of the sealed store; saving can be made to fail. */
import { failed, ok, type Result, trouble } from '#base/result';
import type { TokenVault } from '#provider/oauth/ports';

export class MemoryVault implements TokenVault<string> {
  readonly #kept = new Map<string, string>();
  /** The disk is full. */
  full = false;

  load(id: string): string | undefined {
    return this.#kept.get(id);
  }

  async save(id: string, tokens: string): Promise<Result<void>> {
    if (this.full) return failed(trouble('store', 'The disk is full', 'SQLITE_FULL'));
    this.#kept.set(id, tokens);
    return ok(undefined);
  }

  async replace(id: string, before: string, tokens: string): Promise<Result<boolean>> {
    if (this.#kept.get(id) !== before) return ok(false);
    const saved = await this.save(id, tokens);
    return saved.ok ? ok(true) : saved;
  }

  signedIn(): readonly string[] {
    return [...this.#kept.keys()];
  }

  remove(id: string): void {
    this.#kept.delete(id);
  }
}
