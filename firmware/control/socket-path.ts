/* Where the control socket lies, and whether a Unix socket can lie there at all. */
import { join } from 'node:path';

/** sun_path of sockaddr_un has 108 octets on Linux (unix(7)), the last one a NUL. */
const socketPathOctets = 107;

export function controlSocketPath(dataDirectory: string): string {
  return join(dataDirectory, 'control.sock');
}

/** A sentence when the path is too long for a Unix socket. */
export function socketPathFault(dataDirectory: string): string | undefined {
  const path = controlSocketPath(dataDirectory);
  const octets = Buffer.byteLength(path);
  if (octets <= socketPathOctets) return undefined;
  return (
    `The path ${path} has ${octets} octets, and a Unix socket may have ${socketPathOctets}: ` +
    'choose a data directory with a shorter path by --data.'
  );
}
