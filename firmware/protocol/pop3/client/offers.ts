/*
 * What a server can do, as its CAPA says (RFC 2449 §5, §6). A server that does not know CAPA is
 * asked for things instead, and says -ERR to what it does not know.
 */

export interface Offers {
  /** RFC 2449 §6.2 */
  readonly user: boolean;
  /** RFC 2449 §6.3, RFC 5034 §3: names of SASL mechanisms, in upper case. */
  readonly mechanisms: ReadonlySet<string>;
  /** RFC 2449 §6.1 */
  readonly top: boolean;
  /** RFC 2449 §6.8 */
  readonly uidl: boolean;
  /** RFC 2449 §6.6: many commands may be sent ahead of their answers. */
  readonly pipelining: boolean;
  /** RFC 2449 §6.5: seconds between two sign-ins. */
  readonly loginDelay?: number;
  /** RFC 2449 §6.5, §6.7: some of it may be otherwise for who has signed in. */
  readonly differs: boolean;
}

/** `lines`: those of the response, its first and its last left out. */
export function offersOf(lines: readonly string[]): Offers {
  const words = new Map<string, readonly string[]>();
  for (const line of lines) {
    const [tag = '', ...given] = line
      .trim()
      .toUpperCase()
      .split(/[ \t]+/);
    words.set(tag, given);
  }
  const [delay, user] = words.get('LOGIN-DELAY') ?? [];
  const loginDelay = Number(delay);
  return {
    user: words.has('USER'),
    mechanisms: new Set(words.get('SASL')),
    top: words.has('TOP'),
    uidl: words.has('UIDL'),
    pipelining: words.has('PIPELINING'),
    ...(Number.isSafeInteger(loginDelay) && loginDelay >= 0 ? { loginDelay } : {}),
    differs: user === 'USER',
  };
}
