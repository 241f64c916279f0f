/* POP3's limits, each with its clause or with what it protects from. Silence is limited by the
 * setting pop3.idle. */
import { longestResponse } from '../sasl/exchange.ts';

/** RFC 2449 §4: a command has at most 255 octets, its CR LF counted. */
export const commandOctets = 255;

/** RFC 5034 §4: a response to a challenge, its CR LF counted. Also the longest line that is held in
 * memory. */
export const responseOctets = longestResponse + 2;

/** Octets of a line that never ends, before we hang up: stops a peer that only wants our time. */
export const endlessLine = 1_048_576;

/** Commands that are none, or not here, before the line is closed: a web browser or a port scanner
 * talks to us, and neither will come to a good end. */
export const badCommands = 20;

/** Commands without signing in: whoever needs more only holds a place that others want. A program
 * asks CAPA, STLS, CAPA and signs in. */
export const commandsBeforeSignIn = 100;

/** Refused sign-ins before the line is closed: guessing has to pay for new connections, of which
 * the net allows each address only so many. */
export const refusedSignIns = 3;

/** RFC 1939 §3: a response's first line has at most 512 octets. Texts that quote what the client
 * sent are cut to this many characters of it. */
export const quotedCharacters = 40;

/** Lists are handed to the wire in blocks of about this many characters, so that a maildrop of
 * 100,000 messages is listed in bounded memory. */
export const listBlock = 16_384;
