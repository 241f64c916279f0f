/* The commands about the connection itself: the greeting, CAPA, STLS, NOOP, QUIT. */

import { command, listing } from '../command.ts';
import { capabilityLines } from '../limits.ts';

/** RFC 2449 §5: each line of the response a capability; see offers.ts. */
export const capa = listing('CAPA', capabilityLines);

/** RFC 2595 §4 */
export const stls = command('STLS');

/** RFC 1939 §5 */
export const noop = command('NOOP');

/** RFC 1939 §6: +OK says that what was marked is removed. */
export const quit = command('QUIT');

/**
 * RFC 1939 §7: the greeting's timestamp, which says that APOP works. It must be a msg-id in
 * plain ASCII: one that is not is made by somebody in between, who finds the password out by
 * collisions of MD5 (CVE-2007-1558).
 */
export function timestampOf(greeting: string): string | undefined {
  return /<[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}>/.exec(greeting)?.[0];
}
