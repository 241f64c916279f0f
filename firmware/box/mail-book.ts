/*
 * Mail in the inboxes, and mail that is handed in, as the control door sees them. What is handed in
 * goes the way of mail submission (RFC 6409), as if its account had signed in: the same intake says
 * who may send as whom and to whom. One recipient that is refused, and nothing is sent.
 */
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { failed, ok, type Result, refusal } from '#base/result';
import { Turns } from '#base/turns';
import type { MailBook, NewEnvelope } from '#control/box';
import type { MailReport, SentReport } from '#control/types';
import type { Household } from '#mail/accounts/household';
import { noSuchAccount } from '#mail/accounts/obstacles';
import { type Address, addressKey, formatAddress, isAscii, parseAddress } from '#mail/address';
import type { Arrival, Arrivals } from '#mail/arrivals/arrivals';
import { formatCursor, parseCursor } from '#mail/arrivals/cursor';
import { octetsOf } from '#mail/arrivals/octets';
import type { Envelope, Intake, Origin, Recipient } from '#mail/intake';
import { Canonical } from '#mail/message/canonical';
import { type Correspondent, compose } from '#mail/message/compose';
import { summaryOf } from '#mail/message/summary';
import type { Store } from '#mail/store/store';

export interface MailParts {
  readonly household: Household;
  readonly arrivals: Arrivals;
  readonly store: Pick<Store, 'read'>;
  readonly intake: Pick<Intake, 'sender' | 'recipient' | 'open'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostName: () => string;
  readonly limits: () => { readonly octets: number; readonly recipients: number };
}

export function mailBook(parts: MailParts): MailBook {
  const { household, arrivals, store, clock, random, hostName } = parts;
  // A list of a thousand beginnings and a message in one piece weigh megabytes, and sixty programs may
  // ask at once: one after the other costs the memory of one.
  const [lists, messages] = [new Turns(), new Turns()];
  return {
    async list(name, after, count) {
      const account = name === undefined ? undefined : household.byLogin(name)?.record.id;
      if (name !== undefined && account === undefined) return failed(noSuchAccount(name));
      const cursor = parseCursor(after);
      if (cursor === undefined) return failed(noCursor(after));
      const query = { after: cursor, count, ...(account === undefined ? {} : { account }) };
      return lists.take(async () => {
        const found = await arrivals.list(query);
        return found.ok ? ok(found.value.map((one) => mailReport(one, household))) : found;
      });
    },
    async cursor() {
      const end = await arrivals.end();
      return end.ok ? ok(formatCursor(end.value)) : end;
    },
    async message(id) {
      const found = await arrivals.find(id);
      if (!found.ok) return found;
      if (found.value === undefined) return failed(noSuchMessage(id));
      const { octets } = found.value;
      return ok({ type: 'message/rfc822', octets, pieces: octetsOf(store, found.value) });
    },
    async send({ account, from, to, cc, bcc, subject, text, html }) {
      const people = { to: to.map(correspondent), cc: cc.map(correspondent) };
      const all = [...to, ...cc, ...bcc];
      const addressed = await address({ account, to: all, ...(from && { from }) }, parts);
      if (!addressed.ok) return addressed;
      const written = from === undefined ? undefined : correspondent(from);
      return messages.take(() => {
        const message = compose(
          {
            from: written ?? { name: '', address: addressed.value.sender },
            to: people.to.filter((one) => one !== undefined),
            cc: people.cc.filter((one) => one !== undefined),
            ...{ subject, text, ...(html === undefined ? {} : { html }) },
          },
          { hostName: hostName(), id: random.octets(16).toString('hex'), now: clock.now() },
        );
        return submit(addressed.value, [ok(Buffer.from(message))], parts);
      });
    },
    async submit(envelope, octets) {
      const addressed = await address(envelope, parts);
      return addressed.ok ? submit(addressed.value, octets, parts) : addressed;
    },
  };
}

/** What arrived, in words. */
export function mailReport(arrival: Arrival, household: Pick<Household, 'byId'>): MailReport {
  const { id, account, octets, arrivedAt, beginning, cursor } = arrival;
  const name = household.byId(account)?.record.name ?? 'an account that is gone';
  const summary = summaryOf(beginning);
  return { id, cursor: formatCursor(cursor), account: name, octets, arrivedAt, ...summary };
}

interface Addressed {
  readonly origin: Origin;
  readonly sender: Address;
  readonly envelope: Envelope;
}

/** Asks the intake about sender and recipients; everything that is wrong is said at once. */
async function address(
  { account, from, to }: NewEnvelope,
  { household, intake, random, limits }: MailParts,
): Promise<Result<Addressed>> {
  const record = household.byLogin(account)?.record;
  if (record === undefined) return failed(noSuchAccount(account));
  const { id, name } = record;
  const sender =
    from === undefined
      ? (household.knownAs(id) ?? household.homeAddress(id))
      : correspondent(from)?.address;
  if (sender === undefined) return failed(notAnAddress(from ?? name));
  const origin: Origin = {
    session: `c${random.octets(4).toString('hex')}`,
    ...{ address: '127.0.0.1', place: 'loopback', claimed: 'localhost' },
    // No word of IANA's says this (RFC 5321 §4.4 wants one); others write it, too.
    protocol: 'HTTP',
    submission: true,
    identity: { account: id, login: name, password: 'main' },
  };
  const allowed = intake.sender(sender, origin);
  if (!allowed.ok) return allowed;
  const faults: string[] = [];
  const recipients = new Map<string, Recipient>();
  for (const text of to) {
    const wanted = correspondent(text)?.address;
    const taken =
      wanted === undefined ? failed(notAnAddress(text)) : intake.recipient(wanted, origin, sender);
    if (taken.ok) recipients.set(addressKey(taken.value.address), taken.value);
    else faults.push(`${text}: ${taken.error.say}`);
  }
  if (faults.length > 0) {
    return failed(refusal('recipients', `Nothing was sent. ${faults.slice(0, 20).join('\n')}`));
  }
  if (recipients.size === 0) return failed(refusal('recipients', 'Say to whom it shall go'));
  const most = limits().recipients;
  if (recipients.size > most) {
    return failed(refusal('recipients', `A message has at most ${most} recipients here`));
  }
  const everybody = [...recipients.values()];
  const utf8 = ![sender, ...everybody.map((one) => one.address)].every(isAscii);
  return ok({ origin, sender, envelope: { sender, recipients: everybody, utf8 } });
}

/** Line ends that are not CR LF become it, as for everybody who signed in (smtp.bareNewline). */
async function submit(
  { origin, envelope }: Addressed,
  octets: AsyncIterable<Result<Uint8Array>> | Iterable<Result<Uint8Array>>,
  { intake, limits }: MailParts,
): Promise<Result<SentReport>> {
  const opened = intake.open(envelope, origin);
  if (!opened.ok) return opened;
  const delivery = opened.value;
  const most = limits().octets;
  const canonical = new Canonical();
  let taken = 0;
  try {
    for await (const piece of octets) {
      if (!piece.ok) return piece;
      taken += piece.value.length;
      if (taken > most) return failed(tooBig(most));
      await delivery.write(canonical.update(Buffer.from(piece.value)));
    }
    await delivery.write(canonical.end());
    const done = await delivery.commit();
    if (!done.ok) return done;
    const recipients = envelope.recipients.map((one) => formatAddress(one.address));
    return ok({ id: done.value.id, recipients });
  } finally {
    await delivery.abandon(); // harmless after the commit
  }
}

/** 'ann@example.org', '<ann@example.org>' or 'Ann <ann@example.org>'. */
function correspondent(text: string): Correspondent | undefined {
  const [, name = '', inside] = /^([^<>]*)<([^<>]+)>\s*$/.exec(text) ?? [];
  const address = parseAddress((inside ?? text).trim());
  const shown = name.trim().replace(/^"(.*)"$/s, '$1');
  return address === undefined ? undefined : { name: shown, address };
}

function noCursor(text: string) {
  return refusal('cursor', `'${text}' is no cursor; leave it out to begin with the oldest mail`);
}

function noSuchMessage(id: string) {
  return refusal('unknown', `No message with the id ${id} lies here; it may have been deleted`);
}

function notAnAddress(text: string) {
  return refusal('bad-address', `"${text}" is not a mail address; write all of it`);
}

function tooBig(most: number) {
  return refusal('too-big', `The message is bigger than mail.maxOctets allows (${most} octets)`);
}
