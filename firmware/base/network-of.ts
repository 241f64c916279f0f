/*
 * Who counts as one when connections or sign-ins are counted: an IPv4 address, or an IPv6 /64, for
 * a single IPv6 host has all of the addresses in it and changes them daily (RFC 4291 §2.5.1,
 * RFC 8981). Link-local addresses of a whole house are in one /64, so each is taken for itself.
 */

/** The address itself, or the /64 it is in, written in one way whatever the address's spelling. */
export function networkOf(address: string): string {
  if (!address.includes(':') || /^fe80:/i.test(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    // A dotted quad at the end stands for two groups.
    const width = after.length + (tail.includes('.') ? 1 : 0);
    while (groups.length + width < 8) groups.push('0');
    groups.push(...after);
  }
  const prefix = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/64`;
}
