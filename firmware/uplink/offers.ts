/*
 * What a server offers, read from its answer to EHLO (RFC 5321 §4.1.1.1). Keyword by keyword: a
 * server whose name contains "dsn" does not offer DSN.
 */

export interface Offers {
  /** In upper case, without parameters. */
  readonly extensions: ReadonlySet<string>;
  /** RFC 1870 §4: octets; undefined: not said, or no limit. */
  readonly largest?: number;
  /** SASL mechanisms in upper case (RFC 4954 §3). */
  readonly mechanisms: ReadonlySet<string>;
}

// RFC 5321 §4.1.1.1: ehlo-line = ehlo-keyword *( SP ehlo-param )
export function offersOf(hello: string): Offers {
  const extensions = new Set<string>();
  const mechanisms = new Set<string>();
  let largest = 0;
  // The first line is the server's name and greeting.
  for (const line of hello.split(/\r?\n/).slice(1)) {
    // Old servers write AUTH=LOGIN.
    const [keyword = '', ...parameters] = line
      .slice(4)
      .trim()
      .toUpperCase()
      .split(/[ \t=]+/);
    if (keyword === '') continue;
    extensions.add(keyword);
    if (keyword === 'AUTH') for (const mechanism of parameters) mechanisms.add(mechanism);
    if (keyword === 'SIZE' && /^\d{1,15}$/.test(parameters[0] ?? '')) {
      largest = Number(parameters[0]);
    }
  }
  // RFC 1870 §4: zero means that no fixed limit is in force.
  return { extensions, mechanisms, ...(largest > 0 ? { largest } : {}) };
}
