/*
 * Who counts as one when sign-ins are counted: an IPv4 address, or an IPv6 /64, because a single
 * IPv6 host has all of the 2^64 addresses in it and changes them daily (RFC 8981). Link-local
 * addresses are all in one /64 and each is taken for itself.
 */
export function networkOf(address: string): string {
  if (!address.includes(':') || /^fe80:/i.test(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const behind = tail === '' ? 0 : tail.split(':').length;
    while (groups.length + behind < 8) groups.push('0');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
