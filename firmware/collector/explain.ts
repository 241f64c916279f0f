/*
 * Why a source could not be reached, in words: what is wrong, and what the person can do. What goes
 * wrong before anybody signs in is the same everywhere (provider/connection-words.ts); the table here
 * has the rest. Sentences have no full stop: they stand alone, in lists, and before a semicolon.
 */
import type { SourceProtocol } from '#mail/sources/records';
import {
  type AboutServer,
  type Explanation,
  explainConnection,
  type OwnRow,
  type UsualPorts,
} from '#provider/connection-words';
import { signInMeaning } from './manners.ts';
import type { SignInAnswer, UpstreamConnectTrouble } from './upstream.ts';

/** The source, as far as sentences name it. */
export interface AboutSource extends AboutServer {
  readonly name: string;
  readonly protocol: SourceProtocol;
  /** It signs in with an access token. */
  readonly oauth?: boolean;
  /** What its provider wants of people first, in a sentence. */
  readonly first?: string;
}

/** RFC 8314 §7.3; RFC 9051 §2.1; RFC 1939 §3, RFC 2595 §4 */
const ports: Readonly<Record<SourceProtocol, UsualPorts>> = {
  imap: { tls: 993, starttls: 143, blocked: [] },
  pop3: { tls: 995, starttls: 110, blocked: [] },
};

export function explain(trouble: UpstreamConnectTrouble, about: AboutSource): Explanation {
  const { stage, code, answer } = trouble;
  if (code === 'REFUSED' && answer !== undefined) {
    if (answer.code === 'REFERRAL') return referred(answer, about);
    if (stage === 'sign-in') return refused(answer, about);
    const say = `${about.host} takes nobody in now: ${answer.text}`;
    return { kind: 'unreachable', say, advice: '' };
  }
  const other = speaksOther(trouble, about);
  return other ?? explainConnection(trouble, about, ports[about.protocol], rows);
}

/** RFC 2221 §4. It is never followed: a password goes to the host that a person has named. */
function referred({ text }: SignInAnswer, { host, name }: AboutSource): Explanation {
  return {
    kind: 'settings',
    say: `${host} says that this mailbox lies on another server: ${text.replace(/[.\s]+$/, '')}`,
    advice: `Ask the provider which, and say it: restante source change ${name} --host HOST`,
  };
}

const names: Readonly<Record<SourceProtocol, string>> = { imap: 'IMAP', pop3: 'POP3' };

/** The port is that of the other protocol. */
function speaksOther(
  { stage, code, detail }: UpstreamConnectTrouble,
  { protocol, host, port }: AboutSource,
): Explanation | undefined {
  if (stage !== 'greeting' || code !== 'EPROTOCOL') return undefined;
  const [, greeting] = /said "(\+OK|\* (?:OK|PREAUTH|BYE))/.exec(detail) ?? [];
  const other = greeting === '+OK' ? 'pop3' : 'imap';
  if (greeting === undefined || other === protocol) return undefined;
  const { tls, starttls } = ports[protocol];
  const say = `${host} speaks ${names[other]} on port ${port}, not ${names[protocol]}`;
  const right = `its port for ${names[protocol]}: mostly ${tls} (tls) or ${starttls} (starttls)`;
  return { kind: 'settings', say, advice: `Take --protocol ${other}, or ${right}` };
}

/** The first that fits. */
const rows: readonly OwnRow<AboutSource, UpstreamConnectTrouble>[] = [
  {
    at: ['hello'],
    codes: /^NO-UIDL$/,
    means: ({ host }) => ({
      kind: 'settings',
      say: `${host} does not name its messages (UIDL), so nobody could tell which are here already`,
      advice: 'If the provider has IMAP, add the source with --protocol imap',
    }),
  },
  {
    at: ['sign-in'],
    codes: /^NO-SECRET$/,
    means: ({ name }) => ({
      kind: 'sign-in',
      say: `There is no password for ${name}`,
      advice: `Give it: restante source password ${name}`,
    }),
  },
  {
    at: ['sign-in'],
    codes: /^BAD-SECRET$/,
    means: ({ name }) => ({
      kind: 'sign-in',
      say: `The user or the password of ${name} is empty, or has a line end in it`,
      advice: `Give it anew: restante source password ${name}`,
    }),
  },
  {
    at: ['sign-in'],
    codes: /^IN-THE-CLEAR$/,
    means: ({ host }) => ({
      kind: 'settings',
      say: `The password was not sent: the connection to ${host} is not encrypted`,
      advice: 'Remove the source and add it with --security tls or starttls',
    }),
  },
  {
    at: ['sign-in'],
    codes: /^BAD-PROOF$/,
    means: ({ host, name }) => ({
      kind: 'certificate',
      say: `${host} did not prove that it knows the password of ${name}`,
      advice: 'Somebody may stand between you and the server. Look for a slip in its name',
    }),
  },
  {
    at: ['sign-in'],
    codes: /^NO-(?:AUTH|MECHANISM)$/,
    means: ({ host, name, oauth }, { detail }) => {
      if (!oauth && /\b(XOAUTH2|OAUTHBEARER)\b/.test(detail)) {
        return {
          kind: 'sign-in',
          say: `${host} takes no passwords any more`,
          advice: `Sign in with OAuth: restante source signin ${name}`,
        };
      }
      return {
        kind: 'sign-in',
        say: `${host} offers no way of signing in that the box knows (${detail})`,
        advice: oauth ? `If it wants a password: restante source password ${name}` : '',
      };
    },
  },
];

function refused(
  answer: NonNullable<UpstreamConnectTrouble['answer']>,
  about: AboutSource,
): Explanation {
  const { host, name, oauth, first } = about;
  const text = answer.text.replace(/[.\s]+$/, '');
  const said = text === '' ? '' : `: ${text}`;
  switch (signInMeaning(answer)) {
    case 'in-use':
      return {
        kind: 'unreachable',
        say: `Somebody else is reading this mailbox just now${said}`,
        advice: 'It is tried again in a minute',
      };
    case 'login-delay':
      return {
        kind: 'unreachable',
        say: `${host} wants more time between two sign-ins${said}`,
        advice: 'It is collected less often by itself',
      };
    case 'later':
      return { kind: 'unreachable', say: `${host} lets nobody in just now${said}`, advice: '' };
    case 'person': {
      const anew = oauth
        ? `Sign in anew: restante source signin ${name}`
        : `Give the right password: restante source password ${name}`;
      const advice = first === undefined || oauth ? anew : `${first} ${anew}`;
      return { kind: 'sign-in', say: `${host} refuses the user or the password${said}`, advice };
    }
  }
}
