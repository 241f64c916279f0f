/*
 * Why a connection to an uplink failed, in words: what is wrong, and what the person can do. A table
 * by the stage that was reached and the code that Node, OpenSSL or we gave; what the provider itself
 * answered is looked up in the table of refusals. Sentences have no full stop: they stand alone, in
 * lists, and before a semicolon.
 */
import type { Answer } from '#provider/answer';
import type { Meaning } from '#provider/meaning';
import { certificateTrouble } from './certificate-words.ts';
import type { ConnectStage, ConnectTrouble, UplinkTarget } from './connection.ts';

/** The uplink, as far as sentences name it. */
export interface About extends Pick<UplinkTarget, 'host' | 'port' | 'security'> {
  readonly name: string;
  /** A preset of provider/, or ''. */
  readonly provider: string;
  /** It signs in with an access token. */
  readonly oauth?: boolean;
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

export type MeaningOf = (answer: Answer, provider: string) => Meaning;

export function explain(trouble: ConnectTrouble, about: About, meaningOf: MeaningOf): Explanation {
  const { stage, code, answer } = trouble;
  if (code === 'REFUSED' && answer !== undefined) return refused(answer, about, meaningOf);
  const certificate = certificateTrouble(trouble, about);
  if (certificate !== undefined) return certificate;
  const row = rows.find(({ at, codes }) => at.includes(stage) && codes.test(code));
  const found = row?.means(about, trouble) ?? {};
  return { kind: 'unreachable', say: generic(trouble, about), advice: '', ...found };
}

interface Row {
  readonly at: readonly ConnectStage[];
  readonly codes: RegExp;
  readonly means: (about: About, trouble: ConnectTrouble) => Partial<Explanation>;
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
    means: ({ host, port }) => ({
      say: `${host} takes no connections on port ${port}`,
      advice: `Look for a slip in the port: ${usualPorts}`,
    }),
  },
  {
    at: ['connect'],
    codes: /^ETIMEDOUT$/,
    means: ({ host, port }) => ({
      say: `${host} does not answer on port ${port}`,
      advice: port === 465 ? `Look for a slip in the name. ${online}` : blocked(port),
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
    means: ({ host, port }) => ({
      kind: 'settings',
      say: `${host} does not offer STARTTLS on port ${port}`,
      advice: 'Try --security tls with --port 465. Without encryption no password is sent',
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
    means: ({ host, port, security }) =>
      security === 'tls'
        ? notTls({ host, port, security })
        : { say: `${host} stopped answering while the encryption began` },
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
    means: ({ host, port }, { detail }) => ({
      kind: 'settings',
      say: `What answers at ${host} on port ${port} is no mail server (${detail})`,
      advice: `Look for a slip in the name or the port: ${usualPorts}`,
    }),
  },
  {
    at: ['sign-in'],
    codes: /^NO-SECRET$/,
    means: ({ name }) => ({
      kind: 'sign-in',
      say: `There is no password for ${name}`,
      advice: `Give it: restante uplink password ${name}`,
    }),
  },
  {
    at: ['sign-in'],
    codes: /^IN-THE-CLEAR$/,
    means: ({ host }) => ({
      kind: 'settings',
      say: `The password was not sent: the connection to ${host} is not encrypted`,
      advice: 'Remove the uplink and add it with --security starttls or tls',
    }),
  },
  {
    at: ['sign-in'],
    codes: /^NO-AUTH$/,
    means: ({ host, port }) => ({
      kind: 'settings',
      say: `${host} lets nobody sign in on port ${port}`,
      advice:
        port === 25
          ? 'Port 25 is for other servers. Use --port 587 with starttls, or 465 with tls'
          : 'If it needs no sign-in, add the uplink without --user',
    }),
  },
  {
    at: ['sign-in'],
    codes: /^NO-MECHANISM$/,
    means: ({ host, name }, { detail }) => ({
      kind: 'sign-in',
      ...(/\b(XOAUTH2|OAUTHBEARER)\b/.test(detail)
        ? {
            say: `${host} takes no passwords any more: basic authentication is disabled`,
            advice: `Sign in with OAuth: restante uplink signin ${name}`,
          }
        : {
            say: `${host} offers no way of signing in that the box knows (${detail})`,
            advice: `If it wants a password: restante uplink password ${name}`,
          }),
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

const usualPorts = 'mostly 587 (starttls) or 465 (tls)';

function blocked(port: number): string {
  const who = 'The provider, or your network';
  const instead = 'Try --port 465 with --security tls';
  return port === 25 || port === 587
    ? `${who}, may block port ${port}. ${instead}`
    : `Look for a slip in the name or the port: ${usualPorts}`;
}

function notTls({ host, port }: Pick<About, 'host' | 'port' | 'security'>): Partial<Explanation> {
  return {
    kind: 'settings',
    say: `${host} does not begin with TLS on port ${port}`,
    advice: 'Try --security starttls, mostly with --port 587',
  };
}

function tlsFirst({ security }: About): string {
  return security === 'tls'
    ? 'Try again later'
    : 'It may want TLS from the first octet: try --security tls, mostly with --port 465';
}

function generic({ detail, stage }: ConnectTrouble, { host, port }: About): string {
  const where = `${host} on port ${port}`;
  if (stage === 'sign-in') return `The sign-in at ${where} failed (${detail})`;
  return `There is no connection with ${where} (${detail})`;
}

/** The server said no: its words, by the table of refusals. */
function refused(answer: Answer, about: About, meaningOf: MeaningOf): Explanation {
  const { host, provider } = about;
  const meaning = meaningOf(answer, provider);
  if (meaning.kind === 'sign-in') {
    const { kind, say, advice } = meaning;
    return { kind, say, advice: fitting(advice, about) };
  }
  // RFC 4954 §4: AUTH refused with 5yz is about who signs in, whatever its words.
  if (answer.to === 'sign-in' && answer.code >= 500) {
    const say = `${host} refuses the user or the password`;
    return { kind: 'sign-in', say, advice: fitting(newPassword, about) };
  }
  const said = `${answer.code} ${answer.text}`.trim();
  const say = 'say' in meaning ? meaning.say : `${host} wants no mail now: ${said}`;
  return { kind: 'unreachable', say, advice: '' };
}

const newPassword = 'Give the right password: restante uplink password NAME';

/** Who signs in by OAuth has no password to give. */
function fitting(advice: string, { name, oauth = false }: About): string {
  const change = oauth && advice.includes('uplink password');
  return (change ? 'Sign in anew: restante uplink signin NAME' : advice).replace(/\bNAME\b/g, name);
}
