/*
 * How much of a source is in hand at a time, and how long things take. The limits of what a server
 * may say are its protocol's (protocol/pop3/client/, imap/).
 */

/** Messages, and octets as they are listed, that are asked for in one go: a round that is told to
 * end does so after them, and POP3 has its first commits after them. */
export const batchMessages = 100;
export const batchOctets = 8_388_608;
/** Messages that have come whole and are on their way to disk; they share an fsync. */
export const commitsInFlight = 16;
/** Octets of a message that are kept while it comes, for its date, sender and subject. */
export const keptBeginning = 16_384;
/** Records that are read or written in one go. */
export const recordsAtOnce = 500;
/** Messages removed in one POP3 session, which are removed at its end, and noted after it. */
export const removalsInSession = 2_000;
/** Messages that are looked at before they are removed, in one round: what comes new is not to wait
 * long for it. */
export const looksInRound = 500;
/** Messages of a session that are known to lie under their ids; asked anew beyond that. */
export const confirmedInSession = 20_000;
/** What was removed at the source is remembered for so long (milliseconds): for as long the source may
 * bring it back, from a backup or from behind a switch, without its coming twice. */
export const rememberRemoved = 3 * 365 * 86_400_000;
