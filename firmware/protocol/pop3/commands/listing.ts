/*
 * What lies in the maildrop: STAT, LIST (RFC 1939 §5) and UIDL (RFC 1939 §7). STAT is answered
 * from kept counters; the others wait for the maildrop's listing, which the first of them loads.
 * How it is loaded and kept is the maildrop's affair.
 */
import type { Cursor } from '#base/cursor';
import { type Soon, whenThere } from '#base/soon';
import type { MaildropListing } from '#mail/maildrop';
import { type Conversation, command, nothing } from '../command.ts';
import { listBlock } from '../limits.ts';
import { findMessage, type Numeral, readMessageNumber } from '../message-number.ts';
import { messagesInWords } from '../replies.ts';
import type { Transaction } from '../state.ts';

/** RFC 1939 §5: `+OK nn mm`, marked messages not counted. Answered from kept counters. */
export const stat = command<Transaction, true>('STAT', {
  usage: 'STAT',
  read: nothing,
  run: (session, state) => session.accept(`${left(state)} ${octetsLeft(state)}`),
});

/** RFC 1939 §5: `LIST [msg]`, sizes as RETR sends them before stuffing. */
export const list = command<Transaction, Numeral | 'all'>('LIST', {
  usage: 'LIST [message-number]',
  read: messageOrAll,
  run(session, state, which) {
    const what = (listing: MaildropListing, index: number) => listing.wireOctets(index);
    if (which !== 'all') return sayOne(session, state, which, what);
    const heading = `${messagesInWords(left(state))} (${octetsLeft(state)} octets)`;
    return sayAll(session, state, heading, what);
  },
});

/** RFC 1939 §7: `UIDL [msg]` */
export const uidl = command<Transaction, Numeral | 'all'>('UIDL', {
  usage: 'UIDL [message-number]',
  read: messageOrAll,
  run(session, state, which) {
    const what = (listing: MaildropListing, index: number) => listing.uniqueId(index);
    if (which !== 'all') return sayOne(session, state, which, what);
    return sayAll(session, state, 'The unique-ids', what);
  },
});

/** [SP msg] */
function messageOrAll(cursor: Cursor): Numeral | 'all' | undefined {
  return cursor.end() ? 'all' : readMessageNumber(cursor);
}

function left({ maildrop, marks }: Transaction): number {
  return maildrop.messages - marks.count;
}

function octetsLeft({ maildrop, marks }: Transaction): number {
  return maildrop.wireOctets - marks.octets;
}

type Column = (listing: MaildropListing, index: number) => number | string;

function sayOne(
  session: Conversation,
  state: Transaction,
  numeral: Numeral,
  what: Column,
): Soon<void> {
  const index = findMessage(state, numeral);
  if (!index.ok) return session.refuse(index.error);
  return whenThere(state.maildrop.listing(), (listing) => {
    if (!listing.ok) return session.refuse(listing.error);
    session.accept(`${index.value + 1} ${what(listing.value, index.value)}`);
  });
}

function sayAll(
  session: Conversation,
  state: Transaction,
  heading: string,
  what: Column,
): Soon<void> {
  return whenThere(state.maildrop.listing(), (listing) => {
    if (!listing.ok) return session.refuse(listing.error);
    session.accept(heading);
    return sayFrom(0, session, state, listing.value, what);
  });
}

/** The scan listings from one message on, block by block, as fast as the client takes them. */
function sayFrom(
  from: number,
  session: Conversation,
  state: Transaction,
  listing: MaildropListing,
  what: Column,
): Soon<void> {
  const { wire } = session;
  let block = '';
  for (let index = from; index < listing.length; index++) {
    if (!state.marks.has(index)) block += `${index + 1} ${what(listing, index)}\r\n`;
    if (block.length < listBlock) continue;
    wire.send(block);
    block = '';
    const full = wire.drained();
    if (full === undefined) continue;
    return full.then(() => {
      if (!wire.lost) return sayFrom(index + 1, session, state, listing, what);
    });
  }
  wire.send(`${block}.\r\n`);
}
