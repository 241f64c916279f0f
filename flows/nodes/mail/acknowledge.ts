/*
 * How a flow says that a message of restante-mail-in is dealt with: the message carries a function,
 * which JSON leaves out, and which Node-RED copies with the message, for it is the same function.
 */

export const key = 'restanteDone';

export interface Acknowledgement {
  /** To be spread into the message. */
  readonly mark: Readonly<Record<string, unknown>>;
  readonly over: Promise<void>;
  done(): void;
  /** It comes again. */
  giveUp(): void;
}

export function acknowledgement(): Acknowledgement {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  return {
    mark: { [key]: () => resolve() },
    over: promise,
    done: resolve,
    giveUp: () => reject(new Error('the node was closed')),
  };
}

/** Was there anything to acknowledge? */
export function acknowledge(message: Readonly<Record<string, unknown>>): boolean {
  const done = message[key];
  if (typeof done !== 'function') return false;
  done();
  return true;
}
