/* The owner as the gate needs it: a port, filled with the password that mail/owner keeps. */
import type { Result } from '#base/result';

export interface Owner {
  /** 'unusable': a new password has to be set. */
  readonly state: 'none' | 'set' | 'unusable';
  /** Refusals carry a sentence: too short, for example. */
  set(password: string): Promise<Result<void>>;
  /** Wrong ones are answered late, and then not at all (code 'locked'). */
  check(password: string, address: string): Promise<Result<void>>;
  /** Calls `changed` after each change of the password. */
  watch(changed: () => void): Disposable;
}
