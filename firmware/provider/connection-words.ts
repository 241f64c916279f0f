/*
 * Why a connection to a server of somebody else's failed before anybody signed in, in words: what
 * is wrong, and what the person can do. A table by the stage that was reached and the code that
 * Node, OpenSSL or we gave. The same for sending and for collecting; only the usual ports differ.
 * Sentences have no full stop: they stand alone, in lists, and before a semicolon.
 */
import { certificateTrouble } from './certificate-words.ts';

/** What went wrong, as net/dial.ts and whoever speaks the protocol tell it. */
export interface ConnectionTrouble {
  readonly stage: 'name' | 'connect' | 'tls' | 'greeting' | 'hello' | 'sign-in';
  /** Node's or OpenSSL's: 'ENOTFOUND', 'ECONNREFUSED', 'CERT_HAS_EXPIRED' ...; or NO-STARTTLS. */
  readonly code: string;
  readonly detail: string;
}

/** The server, as far as sentences name it. */
export interface AboutServer {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
  readonly clockIsSane: boolean;
}

/**
 * `unreachable`: it may pass. `sign-in`: a person is needed. `certificate`, `settings`: a person is
 * needed too, but it may be the provider's. `clock`: ours shows the wrong time.
 */
export interface Explanation {
  readonly kind: 'unreachable' | 'sign-in' | 'certificate' | 'settings' | 'clock';
  readonly say: string;
  /** '' when there is nothing to do but wait. */
  readonly advice: string;
}

/** The ports that a protocol mostly has. */
export interface UsualPorts {
  readonly tls: number;
  readonly starttls: number;
  /** Ports that providers and networks are known to block. */
  readonly blocked: readonly number[];
}

/** Undefined: no row fits, as for most of what happens at the sign-in. */
export function connectionWords(
  trouble: ConnectionTrouble,
  about: AboutServer,
  ports: UsualPorts,
): Explanation | undefined {
  const certificate = certificateTrouble(trouble, about);
  if (certificate !== undefined) return certificate;
  const { stage, code } = trouble;
  const row = rows.find(({ at, codes }) => at.includes(stage) && codes.test(code));
  if (row === undefined) return undefined;
  return { kind: 'unreachable', advice: '', ...row.means({ ...about, ports }, trouble) };
}

/** A row of what only one way of the two has: what some codes mean at some stages. */
export interface OwnRow<A extends AboutServer, T extends ConnectionTrouble> {
  readonly at: readonly ConnectionTrouble['stage'][];
  readonly codes: RegExp;
  readonly means: (about: A, trouble: T) => Partial<Explanation>;
}

/** By the table here, then by the first of `own` that fits, else in general. */
export function explainConnection<A extends AboutServer, T extends ConnectionTrouble>(
  trouble: T,
  about: A,
  ports: UsualPorts,
  own: readonly OwnRow<A, T>[],
): Explanation {
  const words = connectionWords(trouble, about, ports);
  if (words !== undefined) return words;
  const { stage, code } = trouble;
  const row = own.find(({ at, codes }) => at.includes(stage) && codes.test(code));
  const say = inGeneral(trouble, about);
  return { kind: 'unreachable', say, advice: '', ...row?.means(about, trouble) };
}

function inGeneral({ detail, stage }: ConnectionTrouble, { host, port }: AboutServer): string {
  const where = `${host} on port ${port}`;
  if (stage === 'sign-in') return `The sign-in at ${where} failed (${detail})`;
  return `There is no connection with ${where} (${detail})`;
}

type About = AboutServer & { readonly ports: UsualPorts };

interface Row {
  readonly at: readonly ConnectionTrouble['stage'][];
  readonly codes: RegExp;
  readonly means: (
    about: About,
    trouble: ConnectionTrouble,
  ) => Partial<Explanation> & { readonly say: string };
}

const hungUp = /^(ECLOSED|ECONNECTION|ECONNRESET|EPIPE)$/;
const online = 'Is the box online? Look at the router and the cable';

/** The first that fits. */
const rows: readonly Row[] = [
  {
    at: ['name'],
    codes: /^(ENOTFOUND|ENODATA)$/,
    means: ({ host }) => ({
      say: `There is no host by the name of ${host}`,
      advice: `Look for a slip in the name. ${online}`,
    }),
  },
  {
    at: ['name'],
    codes: /./,
    means: ({ host }) => ({ say: `The name ${host} cannot be looked up now`, advice: online }),
  },
  {
    at: ['connect'],
    codes: /^ECONNREFUSED$/,
    means: ({ host, port, ports }) => ({
      say: `${host} takes no connections on port ${port}`,
      advice: `Look for a slip in the port: ${usual(ports)}`,
    }),
  },
  {
    at: ['connect'],
    codes: /^ETIMEDOUT$/,
    means: ({ host, port, ports }) => ({
      say: `${host} does not answer on port ${port}`,
      advice: noAnswer(port, ports),
    }),
  },
  {
    at: ['connect'],
    codes: /^E(NETUNREACH|HOSTUNREACH|NETDOWN|HOSTDOWN|ADDRNOTAVAIL)$/,
    means: ({ host }) => ({ say: `No way leads to ${host} from here`, advice: online }),
  },
  {
    at: ['connect'],
    codes: hungUp,
    means: ({ host, port }) => ({ say: `${host} hangs up at once on port ${port}` }),
  },
  {
    at: ['tls'],
    codes: /^NO-STARTTLS$/,
    means: ({ host, port, ports }) => ({
      kind: 'settings',
      say: `${host} does not offer STARTTLS on port ${port}`,
      advice: `Try --security tls with --port ${ports.tls}. Without encryption no password is sent`,
    }),
  },
  {
    at: ['tls'],
    codes: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_LAYER|UNEXPECTED_MESSAGE/,
    means: notTls,
  },
  {
    at: ['tls'],
    codes: /PROTOCOL|HANDSHAKE_FAILURE|DH_KEY_TOO_SMALL|NO_SHARED_CIPHER|INSUFFICIENT_SECURITY/,
    means: ({ host }, { detail }) => ({
      kind: 'settings',
      say: `${host} and the box have no way of encrypting in common (${detail})`,
      advice:
        'The box takes TLS 1.2 and newer. Whoever runs that server has to bring it up to date',
    }),
  },
  // A server that waits for a greeting of ours, or that took ours for nonsense.
  { at: ['tls'], codes: hungUp, means: notTls },
  {
    at: ['tls'],
    codes: /^ETIMEDOUT$/,
    means: (about) =>
      about.security === 'tls'
        ? notTls(about)
        : { say: `${about.host} stopped answering while the encryption began` },
  },
  {
    at: ['greeting'],
    codes: /^ETIMEDOUT$/,
    means: (about) => ({
      say: `${about.host} says nothing on port ${about.port}`,
      advice: tlsFirst(about),
    }),
  },
  {
    at: ['greeting'],
    codes: hungUp,
    means: (about) => ({
      say: `${about.host} hangs up on port ${about.port} before it says a word`,
      advice: tlsFirst(about),
    }),
  },
  {
    at: ['greeting', 'hello'],
    codes: /^EPROTOCOL$/,
    means: ({ host, port, ports }, { detail }) => ({
      kind: 'settings',
      say: `What answers at ${host} on port ${port} is no mail server (${detail})`,
      advice: slip(ports),
    }),
  },
  {
    at: ['hello', 'sign-in'],
    codes: /^ETIMEDOUT$/,
    means: ({ host }) => ({ say: `${host} stopped answering` }),
  },
  {
    at: ['hello', 'sign-in'],
    codes: hungUp,
    means: ({ host }, { stage }) => ({
      say: `${host} hung up ${stage === 'hello' ? 'on our first word' : 'during the sign-in'}`,
    }),
  },
];

function usual({ tls, starttls }: UsualPorts): string {
  return `mostly ${starttls} (starttls) or ${tls} (tls)`;
}

function slip(ports: UsualPorts): string {
  return `Look for a slip in the name or the port: ${usual(ports)}`;
}

function noAnswer(port: number, ports: UsualPorts): string {
  if (port === ports.tls) return `Look for a slip in the name. ${online}`;
  if (!ports.blocked.includes(port)) return slip(ports);
  const who = 'The provider, or your network';
  return `${who}, may block port ${port}. Try --port ${ports.tls} with --security tls`;
}

function notTls({ host, port, ports }: About) {
  return {
    kind: 'settings' as const,
    say: `${host} does not begin with TLS on port ${port}`,
    advice: `Try --security starttls, mostly with --port ${ports.starttls}`,
  };
}

function tlsFirst({ security, ports }: About): string {
  return security === 'tls'
    ? 'Try again later'
    : `It may want TLS from the first octet: try --security tls, mostly with --port ${ports.tls}`;
}
