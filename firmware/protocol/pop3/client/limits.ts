/*
 * What a server may say to us, each limit with its clause or with what it protects from. Lines
 * within messages have none: their octets are handed on as they come. How long it may take is not
 * known here (collector/pop3/limits.ts).
 */
import { responseOctets } from '../limits.ts';

/** RFC 1939 §3: a first line has at most 512 octets, RFC 5034 §4: a challenge as many as a
 * response. For both, and for the lines of listings, the longer one. Stops a line that never
 * ends. */
export const lineOctets = responseOctets;

/** Messages in a listing. A maildrop of a few ten thousand is large; each costs some hundred
 * octets of memory while it is listed. */
export const listedMessages = 250_000;

/** Octets of a listing of them all: a unique-id has 70 at most (RFC 1939 §7), its number 6. Stops a
 * listing that never ends. */
export const listingOctets = listedMessages * 80;

/** RFC 2449 §5: capabilities have no limit of their own; a list of them has a few dozen lines. */
export const capabilityLines = 200;

/** Octets of a unique-id: RFC 1939 §7 says 70, and some servers do not hold to it. */
export const uniqueIdOctets = 255;

/** RFC 5034 §4, RFC 2449 §4: an AUTH with its initial response is a command like any other. */
export { commandOctets } from '../limits.ts';

/** Requests that may be ahead of their answers. Stops our own mistakes. */
export const requestsAhead = 64;

/** Characters of a line that makes no sense, when it is told of. */
export const quotedCharacters = 60;
