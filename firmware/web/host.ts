/*
 * Under which name a browser came (RFC 9110 §7.2). A page elsewhere can give its own name this
 * box's address (DNS rebinding) and would then be the same site to the browser; so names that are
 * not the box's are turned away. An address in place of a name has to be one of the machine's.
 */
import { isIP } from 'node:net';
import { plainAddress } from '#net/peer';

export interface Host {
  /** In lower case, without port; an IPv6 address without its brackets. */
  readonly name: string;
  /** As it was sent: what stands behind `https://` in the page's origin. */
  readonly text: string;
}

/** What the box is called now. */
export interface OwnNames {
  /** DNS names in lower-case ASCII. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

/** Host = uri-host [ ":" port ] (RFC 9110 §7.2). Undefined: that is none. */
export function parseHost(text: string): Host | undefined {
  const [, name, address] =
    /^(?:([a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9])?\.?)|\[([0-9a-f:.]{2,45})\])(?::[0-9]{1,5})?$/i.exec(
      text,
    ) ?? [];
  if (address !== undefined && isIP(address) !== 6) return undefined;
  const plain = name?.replace(/\.$/, '').toLowerCase() ?? address;
  return plain === undefined ? undefined : { name: plain, text: text.toLowerCase() };
}

export function isOwn(host: Host, { names, addresses }: OwnNames): boolean {
  if (isIP(host.name) === 0) return names.includes(host.name);
  return addresses.includes(canonical(host.name));
}

/** The host with another port, as it stands in an address bar. */
export function withPort(host: Host, port: number, usual: number): string {
  const name = isIP(host.name) === 6 ? `[${host.name}]` : host.name;
  return port === usual ? name : `${name}:${port}`;
}

/** One spelling for an address: `::0001` and `::1` are one. */
function canonical(address: string): string {
  const plain = plainAddress(address);
  return isIP(plain) === 6 ? new URL(`http://[${plain}]/`).hostname.slice(1, -1) : plain;
}
