/*
 * The little language inside a transcript's lines (test/transcripts/README.md): escapes,
 * repetitions, base64, and patterns for what the server says. Octets are held as latin1 strings.
 */

/** The octets a text stands for. */
export function octetsOf(text: string, names: ReadonlyMap<string, string> = new Map()): string {
  let found = '';
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const repeated = /^\{(\d+) \* ((?:\\.|[^}])*)\}/.exec(rest);
    const encoded = /^\{base64 ((?:\\.|[^}])*)\}/.exec(rest);
    const octet = /^\\(?:x([0-9a-fA-F]{2})|([rnt\\]))/.exec(rest);
    const name = /^\$([a-z]+)/.exec(rest);
    const bound = name?.[1] === undefined ? undefined : names.get(name[1]);
    if (repeated !== null) {
      found += octetsOf(repeated[2] ?? '', names).repeat(Number(repeated[1]));
      at += repeated[0].length;
    } else if (encoded !== null) {
      found += Buffer.from(octetsOf(encoded[1] ?? '', names), 'latin1').toString('base64');
      at += encoded[0].length;
    } else if (octet !== null) {
      found += escaped(octet);
      at += octet[0].length;
    } else if (name !== null && bound !== undefined) {
      found += bound;
      at += name[0].length;
    } else {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      found += Buffer.from(character).toString('latin1');
      at += character.length;
    }
  }
  return found;
}

function escaped(match: RegExpExecArray): string {
  if (match[1] !== undefined) return String.fromCharCode(Number.parseInt(match[1], 16));
  return { r: '\r', n: '\n', t: '\t', '\\': '\\' }[match[2] ?? ''] ?? '';
}

/** Does a line of octets fit what a transcript expects? Names bound on the way are noted. */
export function fits(line: string, expected: string, names: Map<string, string>): boolean {
  const whole = /^\/(.*)\/$/.exec(expected);
  if (whole !== null) return new RegExp(`^(?:${whole[1]})$`, 's').test(line);
  const fresh: string[] = [];
  const pattern = expected
    .split(/(\.\.\.|\$[a-z]+)/)
    .map((part) => {
      if (part === '...') return '.*';
      const name = /^\$([a-z]+)$/.exec(part)?.[1];
      if (name === undefined) return literally(octetsOf(part));
      const bound = names.get(name);
      if (bound !== undefined) return literally(bound);
      fresh.push(name);
      return '([^ ]+)';
    })
    .join('');
  const match = new RegExp(`^${pattern}$`, 's').exec(line);
  if (match === null) return false;
  fresh.forEach((name, i) => void names.set(name, match[i + 1] ?? ''));
  return true;
}

function literally(text: string): string {
  return text.replace(
    /[^\w ]/g,
    (octet) => `\\x${octet.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** Octets as a person can read them in a failed test. */
export function shown(octets: string): string {
  return octets.replace(/[^\x20-\x7e]/g, (octet) => {
    return `\\x${octet.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
