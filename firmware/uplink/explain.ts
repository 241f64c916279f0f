/*
 * Why a connection to an uplink failed, in words: what is wrong, and what the person can do. What
 * goes wrong before SMTP begins is the same everywhere (provider/connection-words.ts); the table
 * here has the sign-in; what the provider itself answered is looked up in the table of refusals.
 * Sentences have no full stop: they stand alone, in lists, and before a semicolon.
 */
import type { Answer } from '#provider/answer';
import {
  type AboutServer,
  type Explanation,
  explainConnection,
  type OwnRow,
} from '#provider/connection-words';
import type { Meaning } from '#provider/meaning';
import type { ConnectTrouble } from './connection.ts';

/** The uplink, as far as sentences name it. */
export interface About extends AboutServer {
  readonly name: string;
  /** A preset of provider/, or ''. */
  readonly provider: string;
  /** It signs in with an access token. */
  readonly oauth?: boolean;
}

export type MeaningOf = (answer: Answer, provider: string) => Meaning;

export function explain(trouble: ConnectTrouble, about: About, meaningOf: MeaningOf): Explanation {
  const { code, answer } = trouble;
  if (code === 'REFUSED' && answer !== undefined) return refused(answer, about, meaningOf);
  return explainConnection(trouble, about, usualPorts, rows);
}

/** RFC 8314 §7.3, RFC 6409 §3.1 */
const usualPorts = { tls: 465, starttls: 587, blocked: [25, 587] };

/** The first that fits. */
const rows: readonly OwnRow<About, ConnectTrouble>[] = [
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
];

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
