/*
 * Two of the three families of trouble, as values. A Refusal says that the peer is wrong; a
 * Trouble says that the world is wrong (the disk, the network, the clock). The third family, the
 * Bug, is thrown, and caught once per connection. What a peer hears (`say`) and what the log
 * keeps (`detail`) are separate fields, so that neither leaks into the other.
 */

/** The peer asked for something it cannot have. `code` is stable; `say` is for the peer. */
export interface Refusal<Code extends string = string> {
  readonly kind: 'refusal';
  readonly code: Code;
  readonly say: string;
}

/** The world failed us. `temporary` says whether trying again later can help. */
export interface Trouble<Code extends string = string> {
  readonly kind: 'trouble';
  readonly code: Code;
  readonly temporary: boolean;
  readonly say: string;
  readonly detail: string;
}

export type Failure = Refusal | Trouble;

export type Result<T, E = Failure> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function failed<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

export function refusal<Code extends string>(code: Code, say: string): Refusal<Code> {
  return { kind: 'refusal', code, say };
}

export function trouble<Code extends string>(
  code: Code,
  say: string,
  detail: string,
  temporary = true,
): Trouble<Code> {
  return { kind: 'trouble', code, temporary, say, detail };
}

/** For the last branch of a switch over a union: the compiler proves that nothing gets here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
