/*
 * What every protocol session is to the net, and what the net is to it. A session is a state
 * machine without I/O: octets go in, replies and a few named effects come out through the Wire.
 * The net calls one method at a time and awaits a promise before the next octets (so a session
 * that waits for the store stops its peer by TCP, not by buffering).
 */
import type { Place } from '#mail/place';

/** What a session may do to its connection. */
export interface Wire {
  /** Queues octets (a string is UTF-8) for the peer. They leave together when the net's call
   * settles; outside of a call at once. Octets are not copied: leave them unchanged. */
  send(octets: Uint8Array | string): void;
  /** When more than a little is unsent: sends, and resolves when the peer took it; else undefined.
   * Await it in loops that stream. Resolves too when the connection is lost (`lost` is true). */
  drained(): Promise<void> | undefined;
  /** True once the peer is gone; streaming loops stop then. */
  readonly lost: boolean;
  /** After what is queued has left: a TLS handshake;
   * unread plaintext is dropped (RFC 3207 §4.2). */
  startTls(): void;
  /** After what is queued has left: closes. Nothing is received any more. */
  close(): void;
}

/** How the peer is connected, as far as protocols care. */
export interface Peer {
  /** Session id: in every log line, and in the Received field. */
  readonly session: string;
  /** IP address without zone or IPv4-mapped prefix. */
  readonly address: string;
  readonly place: Place;
}

/** What TLS was agreed, for the trace field and for permissions. */
export interface TlsFacts {
  /** e.g. 'TLSv1.3' */
  readonly version: string;
  /** e.g. 'TLS_AES_256_GCM_SHA384' */
  readonly cipher: string;
}

/** A protocol session. `receive` is not called again before the last call's promise settles. */
export interface Session {
  /** The connection stands (on implicit-TLS ports: is encrypted; `tls` is given).
   * Send the greeting. */
  greet(tls: TlsFacts | undefined): void | Promise<void>;
  /** Octets from the peer, split anywhere. */
  receive(octets: Buffer): void | Promise<void>;
  /** The handshake asked for by `startTls` is done: start anew. */
  secured(tls: TlsFacts): void;
  /** Milliseconds of silence after which the net calls `expire`, or drops a peer that does not
   * read. Asked every second or so. A session that is busy is not silent; octets that earn no reply
   * and are fewer than 1024 do not end a silence, so a slow drip expires too. */
  readonly patience: number;
  /** The peer was silent for too long. Say so, where the RFC has words for it; the net closes. */
  expire(): void;
  /** The box is stopping, or this session must go to save the rest: say so politely;
   * the net closes. */
  dismiss(why: 'stopping' | 'overload'): void;
  /** The connection is gone, for whatever reason; called exactly once, last.
   * Let go of everything. */
  ended(): void | Promise<void>;
}

/** What the net needs to serve a protocol on a listener. */
export interface Protocol {
  /** 'smtp', 'submission', 'pop3' ...: for logs, settings and `status`. */
  readonly name: string;
  open(wire: Wire, peer: Peer): Session;
  /** What a peer hears that cannot be served now (421, `-ERR [SYS/TEMP]`);
   * sent instead of a greeting. */
  readonly busy: string;
}
