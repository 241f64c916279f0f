/*
 * A field of a collected message as it was written, read off the first octets of the message. It
 * does not understand what the field says, and strangers write it.
 */

/** The body of the first field of that name (lower case), unfolded (RFC 5322 §2.2.3), as latin1. */
export function writtenField(beginning: Buffer, name: string): string | undefined {
  const start = `${name}:`;
  let found: string | undefined;
  for (const line of lines(beginning)) {
    if (found !== undefined) {
      if (!/^[ \t]/.test(line)) return found;
      found += line;
    } else if (line === '') return undefined;
    else if (line.slice(0, start.length).toLowerCase() === start) found = line.slice(start.length);
  }
  return found;
}

function* lines(octets: Buffer): Generator<string> {
  for (let at = 0; at < octets.length; ) {
    const lineEnd = octets.indexOf(0x0a, at);
    const end = lineEnd < 0 ? octets.length : lineEnd;
    const line = octets.toString('latin1', at, end);
    yield line.endsWith('\r') ? line.slice(0, -1) : line;
    at = end + 1;
  }
}
