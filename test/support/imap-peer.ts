/* What tests of the IMAP upstream share: a target on loopback, receivers that keep. */
import assert from 'node:assert/strict';
import { type Clock, SystemClock } from '#base/clock';
import type { Result } from '#base/result';
import { ImapConnector } from '#collector/imap-upstream';
import type { Listed, OpenFolder, Receiver, SourceTarget, Upstream } from '#collector/upstream';

export const ann = { user: 'ann', secret: { password: 'correct horse' } } as const;
export const users = { ann: 'correct horse' };

export function targetAt(port: number, more: Partial<SourceTarget> = {}): SourceTarget {
  return { host: '127.0.0.1', port, security: 'none', protocol: 'imap', ...ann, ...more };
}

/** As patient as the box is. A clock that is turned by hand is for servers that say nothing: real
 * time runs out for a server that talks, too, on a machine that is busy. */
export function connector(clock: Clock = new SystemClock()): ImapConnector {
  return new ImapConnector(clock);
}

export function got<T, E>(result: Result<T, E>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

export async function connected(port: number, clock: Clock = new SystemClock()): Promise<Upstream> {
  return got(await connector(clock).connect(targetAt(port)));
}

/** All that a folder lists, or the trouble that ended the listing. */
export async function listed(folder: OpenFolder, from = 1) {
  const messages: Listed[] = [];
  for await (const page of folder.list(from)) {
    if (!page.ok) return { messages, trouble: page.error };
    assert.ok(page.value.length <= 1000);
    messages.push(...page.value);
  }
  return { messages, trouble: undefined };
}

/** Keeps what comes, by unique-id. `take`: octets of a message after which it wants no more. */
export class Keeping {
  readonly whole = new Map<string, Buffer>();
  readonly missing = new Map<string, string>();
  readonly begun: string[] = [];
  readonly partial = new Map<string, Buffer>();
  readonly #take: number;

  constructor(take = Number.POSITIVE_INFINITY) {
    this.#take = take;
  }

  readonly receive = ({ uid }: Listed): Receiver => {
    const parts: Buffer[] = [];
    let octets = 0;
    this.begun.push(uid);
    return {
      write: async (part) => {
        parts.push(Buffer.from(part));
        octets += part.length;
        this.partial.set(uid, Buffer.concat(parts));
        // As a receiver that stores does.
        await new Promise((resolve) => setImmediate(resolve));
        return octets <= this.#take;
      },
      end: () => {
        assert.ok(!this.whole.has(uid) && !this.missing.has(uid), `${uid} ended twice`);
        this.whole.set(uid, Buffer.concat(parts));
      },
      missing: (detail) => {
        assert.ok(!this.whole.has(uid) && !this.missing.has(uid), `${uid} ended twice`);
        assert.equal(octets, 0);
        this.missing.set(uid, detail);
      },
    };
  };
}
