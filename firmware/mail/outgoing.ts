/*
 * The copies of a message that leave the house, as they go into the queue: one for the outside
 * recipients of its sender, and one for each account that forwards it. Under which address each
 * goes out, and so by which uplink, is decided here; when and whether it is sent is the queue's.
 *
 * A forwarded copy has the forwarding account as its envelope sender, as a mailing list has its
 * owner (RFC 5321 §3.9.2): providers take no other, and what becomes of it is that account's to
 * know, not a stranger's.
 */
import type { Directory } from './accounts/accounts.ts';
import { type Address, addressKey, formatAddress, isAmong, type ReversePath } from './address.ts';
import type { AccountId } from './ids.ts';
import type { Departure, Envelope } from './intake.ts';
import type { NewQueued, Rewrite } from './queue/queue.ts';
import type { QueueTime } from './queue/queue-time.ts';
import type { RecipientRequest } from './store/store.ts';
import type { UplinkDirectory } from './uplinks/directory.ts';

/** What is asked about the accounts whose mail leaves. */
export type Senders = Pick<Directory, 'knownAs' | 'homeAddress' | 'ownLocal'>;

/** An account's own mail as the world sees it: an address of this house gives way to the outside
 * one that the account is known by. */
export function outgoingSender(
  senders: Senders,
  account: AccountId,
  sender: ReversePath,
): ReversePath {
  const known = senders.knownAs(account);
  if (known === undefined || sender === 'null') return sender;
  return isAmong(senders.ownLocal(account), sender) ? known : sender;
}

/** The address whose uplink takes an account's own mail; undefined when the account is gone. */
export function viaOf(
  senders: Senders,
  account: AccountId,
  sender: ReversePath,
): Address | undefined {
  const outgoing = outgoingSender(senders, account, sender);
  // A notice without sender (RFC 5321 §4.5.5) goes the way of the account's other mail.
  return outgoing === 'null' ? ownAddress(senders, account) : outgoing;
}

/** By what the account goes when it has to say who it is. */
function ownAddress(senders: Senders, account: AccountId): Address | undefined {
  return senders.knownAs(account) ?? senders.homeAddress(account);
}

export interface OutgoingParts {
  readonly directory: Senders;
  readonly uplinks: UplinkDirectory;
  readonly queueTime: QueueTime;
}

/** The receipt's id, and the wall clock. */
export interface OutgoingFacts {
  readonly name: string;
  readonly now: number;
}

/** All copies of a message. Each outside address gets one, whatever the number of ways to it. */
export function outgoingCopies(
  envelope: Envelope,
  facts: OutgoingFacts,
  parts: OutgoingParts,
): NewQueued[] {
  const copies: NewQueued[] = [];
  for (const group of grouped(envelope)) {
    const way = group.forwarded
      ? forwardedWay(group.account, parts.directory)
      : ownWay(group.account, envelope, parts.directory);
    // The account was removed while its message came in.
    if (way === undefined) continue;
    const uplink = parts.uplinks.serving(way.via);
    copies.push({
      name: facts.name,
      account: group.account,
      ...way,
      ...(uplink === undefined ? {} : { uplink }),
      ...(envelope.body === undefined ? {} : { body: envelope.body }),
      ...(envelope.utf8 === undefined ? {} : { utf8: envelope.utf8 }),
      queuedAt: facts.now,
      due: parts.queueTime.box(),
      born: parts.queueTime.ageing(),
      recipients: group.recipients,
    });
  }
  return copies;
}

interface Group {
  readonly account: AccountId;
  readonly forwarded: boolean;
  readonly recipients: RecipientRequest[];
}

/** Who goes out together. Who is written to directly gets no forwarded copy beside it. */
function grouped(envelope: Envelope): Group[] {
  const groups = new Map<string, Group>();
  const reached = new Set<string>();
  const add = ({ account, forwarded }: Departure, key: string, request: RecipientRequest) => {
    if (reached.has(key)) return;
    reached.add(key);
    const name = `${account} ${forwarded}`;
    const group = groups.get(name) ?? { account, forwarded, recipients: [] };
    groups.set(name, group);
    group.recipients.push(request);
  };
  for (const forwarded of [false, true]) {
    for (const { departures = [], notices } of envelope.recipients) {
      for (const departure of departures) {
        if (departure.forwarded !== forwarded) continue;
        const address = formatAddress(departure.to);
        // RFC 3461 §5.2.7.1: what the sender asked to be told ends where somebody else sends it on.
        // (A NEVER of theirs would also lose the forwarding account its bounces.)
        add(departure, addressKey(departure.to), { address, ...(forwarded ? {} : notices) });
      }
    }
  }
  return [...groups.values()];
}

type Way = Pick<NewQueued, 'sender' | 'via' | 'rewrite' | 'reportWith' | 'envelopeId'>;

function ownWay(account: AccountId, envelope: Envelope, senders: Senders): Way | undefined {
  const { sender, reportWith, id: envelopeId } = envelope;
  const via = viaOf(senders, account, sender);
  if (via === undefined) return undefined;
  const outgoing = outgoingSender(senders, account, sender);
  const rewrite = rewriteOf(account, senders);
  return {
    sender: outgoing === 'null' ? '' : formatAddress(outgoing),
    via: addressKey(via),
    ...(rewrite === undefined ? {} : { rewrite }),
    ...(reportWith === undefined ? {} : { reportWith }),
    ...(envelopeId === undefined ? {} : { envelopeId }),
  };
}

/** Whatever the envelope says: a program may have the outside address there and not in From. */
function rewriteOf(account: AccountId, senders: Senders): Rewrite | undefined {
  const known = senders.knownAs(account);
  if (known === undefined) return undefined;
  return { from: senders.ownLocal(account), to: formatAddress(known) };
}

function forwardedWay(account: AccountId, senders: Senders): Way | undefined {
  const address = ownAddress(senders, account);
  if (address === undefined) return undefined;
  return { sender: formatAddress(address), via: addressKey(address) };
}
