/*
 * How near a peer is, as far as mail cares: on this machine, on a network where no stranger is
 * (private or link-local addresses), or anywhere else. Which address is what, the net knows.
 */
export type Place = 'loopback' | 'local' | 'far';
