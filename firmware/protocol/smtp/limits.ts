/*
 * How much of anything an SMTP peer may do, each with its clause or the attack it stops. Limits
 * that depend on the house (size, recipients, silence) are settings and come with the terms.
 */

/** Octets of a command line. RFC 5321 §4.5.3.1.4 asks for 512 and each extension for more; the
 * longest is a SASL response, 12,288 octets and CR LF (RFC 4954 §4). */
export const commandLine = 12_290;

/** Octets of a line that never ends, before we hang up: stops a peer that only wants our time. */
export const endlessLine = 1_048_576;

/** Recipients refused in one session: stops guessing of addresses. A mailing program with an old
 * list gets this far only by guessing, too. */
export const refusedRecipients = 100;

/** Replies of the 500 kind in one session, refused recipients not counted: stops programs that
 * speak something else, and fuzzers. */
export const badCommands = 20;

/** Commands since the last message that was taken: stops endless NOOP and RSET.
 * Recipients are not counted: they have a limit of their own. */
export const idleCommands = 200;

/** Sign-ins that fail in one session; the accounts' own rules count over sessions. */
export const failedSignIns = 5;

/** Octets beyond the size limit that we swallow before we hang up. Clients that do not
 * read before they have written all need some, attackers any number. */
export const oversize = 268_435_456;

/** Octets of what a peer calls itself: RFC 5321 §4.5.3.1.2. */
export const claimedName = 255;

/** Characters of ENVID: RFC 3461 §4.4. */
export const envelopeId = 100;

/** Characters of ORCPT: RFC 3461 §4.2. */
export const originalRecipient = 500;

/*
 * Early talkers, who speak before the greeting, are served in order: over TCP a session cannot know
 * what crossed whose greeting, and RFC 2920 makes speaking ahead a habit of good clients too. What
 * the rule against them was for, web browsers made to speak SMTP, ends at the first HTTP word.
 */
