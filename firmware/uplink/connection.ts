/*
 * The port to a provider's SMTP server, as the dispatcher and `uplink test` use it. One adapter
 * wraps nodemailer's SMTP connection (nodemailer-connection.ts); tests have a scripted one. What an
 * answer means is provider/refusals.ts's; how a failed connection is explained, explain.ts's.
 */
import type { Readable } from 'node:stream';
import type { Result } from '#base/result';
import type { ConnectTrouble as DialTrouble, Target } from '#net/dial';
import type { Answer } from '#provider/answer';

/** Everything that is needed to connect and sign in. Never logged. */
export interface UplinkTarget extends Target {
  readonly user?: string;
  readonly secret?: { readonly password: string } | { readonly accessToken: string };
  /** What we call ourselves in EHLO. */
  readonly helloName: string;
}

export type ConnectTrouble = DialTrouble<Answer>;

/** What the server offered after signing in. */
export interface UplinkFacts {
  /** EHLO keywords in upper case, without parameters: 'DSN', '8BITMIME', 'SMTPUTF8', 'SIZE' ... */
  readonly extensions: ReadonlySet<string>;
  /** Octets it takes at most; undefined: not said. */
  readonly largest?: number;
  /** e.g. 'TLSv1.3 TLS_AES_256_GCM_SHA384' */
  readonly tls?: string;
}

export interface OutgoingEnvelope {
  /** '' for the null sender. */
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Octets on the wire, for SIZE. */
  readonly size: number;
  readonly eightBit: boolean;
  readonly utf8: boolean;
  /** Passed on where DSN is offered; the same for all recipients. */
  readonly dsn?: {
    readonly notify?: readonly ('success' | 'failure' | 'delay')[];
    readonly original?: { readonly type: string; readonly address: string };
    readonly reportWith?: 'full' | 'headers';
    readonly envelopeId?: string;
  };
}

/** What the server said to each recipient; in the order of the envelope. */
export interface SendAnswers {
  readonly recipients: readonly Answer[];
}

/** The connection broke. `doubt`: after the end of the message was sent, before its answer. */
export interface Broken {
  readonly doubt: boolean;
  readonly detail: string;
  /** It was broken off because the message could not be read: not the server's fault. */
  readonly unread?: true;
}

export interface UplinkConnection {
  readonly facts: UplinkFacts;
  /** It may carry another message. */
  readonly usable: boolean;
  /**
   * One message. `message` gives its octets (CR LF line ends, before dot-stuffing). `ending` is
   * awaited after the last octet was handed over and before the end is sent; when it answers false
   * the end is never sent and the connection is cut, so the server forgets the message.
   */
  send(
    envelope: OutgoingEnvelope,
    message: Readable,
    ending: () => Promise<boolean>,
  ): Promise<Result<SendAnswers, Broken>>;
  /** QUIT, without waiting long for the answer. */
  close(): Promise<void>;
}

export interface Connector {
  connect(target: UplinkTarget): Promise<Result<UplinkConnection, ConnectTrouble>>;
}
