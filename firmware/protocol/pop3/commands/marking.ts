/* Marking messages as deleted, and taking all marks back: DELE, RSET (RFC 1939 §5). */
import { whenThere } from '#base/soon';
import { command, nothing } from '../command.ts';
import { findMessage, type Numeral, readMessageNumber } from '../message-number.ts';
import type { Transaction } from '../state.ts';

/** `DELE msg`. The listing is needed even though it is not shown: a number that is to be deleted
 * must stand for one message and no other from here on. */
export const dele = command<Transaction, Numeral>('DELE', {
  usage: 'DELE message-number',
  read: readMessageNumber,
  run(session, state, numeral) {
    const index = findMessage(state, numeral);
    if (!index.ok) return session.refuse(index.error);
    return whenThere(state.maildrop.listing(), (listing) => {
      if (!listing.ok) return session.refuse(listing.error);
      state.marks.add(index.value, listing.value.wireOctets(index.value));
      session.accept(`Message ${index.value + 1} will be deleted at QUIT`);
    });
  },
});

export const rset = command<Transaction, true>('RSET', {
  usage: 'RSET',
  read: nothing,
  run(session, state) {
    state.marks.clear();
    session.accept('Nothing is marked as deleted now');
  },
});
