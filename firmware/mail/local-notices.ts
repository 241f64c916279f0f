/*
 * The box's own mail to the people who live in it, straight into their inboxes. It is never queued,
 * forwarded or answered, and comes from no host, so it has no Received field. What it says is said
 * by whoever calls.
 *
 * A notice that is to be told once is found again by its key in the history of its message, so that
 * a box that is switched on each morning does not repeat yesterday's warning.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { failed, ok, type Result, trouble } from '#base/result';
import type { Directory } from './accounts/accounts.ts';
import { type Address, addressKey, formatAddress } from './address.ts';
import type { History } from './history/history.ts';
import type { AccountId } from './ids.ts';
import { inboxesOf } from './inboxes-of.ts';
import { printable, wrap } from './message/printable.ts';
import { boxHeader } from './message/report.ts';
import type { BoxMessage, Notice, Notices } from './notices.ts';
import type { Along, Store, StoreTrouble } from './store/store.ts';

type Done = Promise<Result<void, StoreTrouble>>;

export interface LocalNoticesPorts {
  readonly store: Pick<Store, 'incoming'>;
  readonly directory: Pick<Directory, 'inbox' | 'route' | 'homeAddress'>;
  readonly history: Pick<History, 'ofAddress'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Our name; asked for each message, as it may change. */
  readonly hostName: () => string;
}

const lineWidth = 76;
/** In characters. */
const longestParagraph = 4_000;
/** How long a notice counts as told, in milliseconds. */
const toldFor = 86_400_000;

export class LocalNotices implements Notices {
  readonly #ports: LocalNoticesPorts;
  /** Notices that are being told just now, by their keys. */
  readonly #telling = new Map<string, Done>();

  constructor(ports: LocalNoticesPorts) {
    this.#ports = ports;
  }

  async tell(account: AccountId | 'postmaster', notice: Notice): Done {
    if (inboxesOf(this.#ports.directory, account).length === 0) {
      this.#ports.log.warn(`nobody is here to be told: ${notice.subject}`);
      return ok(undefined);
    }
    const key = notice.once === undefined ? undefined : keyOf(account, notice.once);
    if (key === undefined) return this.#write(account, notice);
    // Who comes second waits for it to be on disk, as who came first.
    const telling = this.#telling.get(key);
    if (telling !== undefined) return telling;
    const told = this.#tellOnce(account, notice, key).finally(() => this.#telling.delete(key));
    this.#telling.set(key, told);
    return told;
  }

  async #tellOnce(account: AccountId | 'postmaster', notice: Notice, key: string): Done {
    const told = await this.#wasTold(key);
    if (!told.ok) return told;
    return told.value ? ok(undefined) : this.#write(account, notice, key);
  }

  deliver(account: AccountId | 'postmaster', message: BoxMessage): Done {
    return this.#deliver(account, message);
  }

  /** A clock that was set back does not keep anybody from being told. */
  async #wasTold(key: string): Promise<Result<boolean, StoreTrouble>> {
    const found = await this.#ports.history.ofAddress(key, 1);
    if (!found.ok) return found;
    const at = found.value[0]?.lines[0]?.at;
    return ok(at !== undefined && Math.abs(this.#ports.clock.now() - at) < toldFor);
  }

  #write(account: AccountId | 'postmaster', notice: Notice, key?: string): Done {
    const octets = Buffer.from(this.#compose(account, notice));
    const message = {
      octets: once(octets),
      say: `"${printable(notice.subject, 200)}", from the box`,
    };
    return this.#deliver(account, message, key);
  }

  #compose(account: AccountId | 'postmaster', { subject, paragraphs }: Notice): string {
    const { random, clock, hostName } = this.#ports;
    const header = boxHeader({
      to: `<${formatAddress(this.#addressOf(account))}>`,
      subject,
      hostName: hostName(),
      id: random.octets(16).toString('hex'),
      now: clock.now(),
      type: 'text/plain; charset=utf-8',
      submitted: 'auto-generated',
    });
    const text = paragraphs.map((paragraph) => {
      return wrap(printable(paragraph, longestParagraph), lineWidth).join('\r\n');
    });
    return `${header}${text.join('\r\n\r\n')}\r\n`;
  }

  #addressOf(account: AccountId | 'postmaster'): Address {
    const { directory, hostName } = this.#ports;
    const home = account === 'postmaster' ? undefined : directory.homeAddress(account);
    return home ?? { local: 'postmaster', domain: hostName() };
  }

  async #deliver(account: AccountId | 'postmaster', message: BoxMessage, key?: string): Done {
    const { store, directory, clock } = this.#ports;
    const inboxes = inboxesOf(directory, account);
    if (inboxes.length === 0) return failed(nobody);
    const incoming = store.incoming();
    try {
      for await (const piece of message.octets) {
        if (!piece.ok) return piece;
        await incoming.write(piece.value);
      }
      const places = inboxes.map((mailbox) => ({ mailbox, internalDate: clock.now() }));
      const stored = await incoming.commit(places, this.#along(account, message, key));
      return stored.ok ? ok(undefined) : stored;
    } finally {
      await incoming.abandon(); // harmless after the commit
    }
  }

  #along(account: AccountId | 'postmaster', message: BoxMessage, key: string | undefined): Along {
    const { random, clock } = this.#ports;
    const { say, ends, delayTold } = message;
    const addresses = [addressKey(this.#addressOf(account)), ...(key === undefined ? [] : [key])];
    const name = random.octets(6).toString('hex');
    return {
      history: { name, addresses, say, at: clock.now() },
      ...(ends === undefined ? {} : { ends }),
      ...(delayTold === undefined ? {} : { delayTold }),
    };
  }
}

const nobody = trouble(
  'lost',
  'Nobody lives here who could be told',
  'no account has an inbox',
  false,
);

/** What a notice is filed under in the history beside its addresses: no address that exists. */
function keyOf(account: AccountId | 'postmaster', once: string): string {
  const digest = createHash('sha256').update(`${account} ${once}`).digest('hex');
  return `${digest.slice(0, 24)}@once.invalid`;
}

async function* once(octets: Buffer): AsyncGenerator<Result<Uint8Array, StoreTrouble>> {
  yield ok(octets);
}
