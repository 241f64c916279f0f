/* What tests of POP3 sources share: a connector, a target, receivers. */
import { type Clock, SystemClock } from '#base/clock';
import { SystemRandom } from '#base/random';
import { Pop3Connector } from '#collector/pop3-upstream';
import type { Listed, OpenFolder, Receiver, SourceTarget, Upstream } from '#collector/upstream';

/** As patient as the box is. A clock that is turned by hand is for servers that say nothing: real
 * time runs out for a server that talks, too, on a machine that is busy. */
export function connector(clock: Clock = new SystemClock()): Pop3Connector {
  return new Pop3Connector({ clock, random: new SystemRandom() });
}

export function target(port: number, more: Partial<SourceTarget> = {}): SourceTarget {
  return {
    protocol: 'pop3',
    host: '127.0.0.1',
    port,
    security: 'none',
    user: 'ann',
    secret: { password: 'correct horse' },
    ...more,
  };
}

export async function connected(
  port: number,
  more: Partial<SourceTarget> = {},
  clock: Clock = new SystemClock(),
): Promise<Upstream> {
  const result = await connector(clock).connect(target(port, more));
  if (!result.ok) throw new Error(`${JSON.stringify(result.error)}`);
  return result.value;
}

export async function maildropOf(upstream: Upstream): Promise<OpenFolder> {
  const opened = await upstream.open('');
  if (!opened.ok) throw new Error(opened.error.detail);
  return opened.value;
}

/** The whole listing, or the detail of what went wrong. */
export async function listingOf(folder: OpenFolder): Promise<Listed[] | string> {
  const all: Listed[] = [];
  for await (const page of folder.list(0)) {
    if (!page.ok) return `${page.error.kind}: ${page.error.detail}`;
    all.push(...page.value);
  }
  return all;
}

/** Fetches all of them, each into a receiver of its own. */
export async function fetchedFrom(
  folder: OpenFolder,
  listing: readonly Listed[],
): Promise<KeepingReceiver[]> {
  const got: KeepingReceiver[] = [];
  const fetched = await folder.fetch(listing, () => {
    const receiver = new KeepingReceiver();
    got.push(receiver);
    return receiver;
  });
  if (!fetched.ok) throw new Error(fetched.error.detail);
  return got;
}

/** Keeps what it is given, and says in words how it ended. */
export class KeepingReceiver implements Receiver {
  readonly #pieces: Buffer[] = [];
  outcome = 'begun';

  get octets(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  write(octets: Buffer): boolean {
    this.#pieces.push(Buffer.from(octets));
    return true;
  }

  end(): void {
    this.outcome = this.outcome === 'begun' ? 'whole' : `${this.outcome} and ended`;
  }

  missing(detail: string): void {
    this.outcome = `missing: ${detail}`;
  }
}
