/*
 * `account ...` and `account passwords ...`: who lives here and what they sign in with. A password
 * is never an argument; a new app password is shown once and kept only as keys, unless it is wanted
 * recoverable.
 */
import { ok, type Result } from '#base/result';
import type { Keep } from '../box.ts';
import type {
  AccountReport,
  ListenerReport,
  MailClientFacts,
  NewPassword,
  PasswordReport,
} from '../types.ts';
import { type BoxVerb, type Call, reluctance, secretOf, value } from '../verb.ts';
import { columns, counted, sizeInWords, timeInWords } from '../words.ts';
import { addressInWords } from './addresses.ts';

/** Answers of verbs that have nothing to say but which account it was. */
interface Named {
  readonly account: string;
}

const account = { name: 'account' } as const;

/** As many as the owner's password must have. */
const wiseCharacters = 8;

const recoverable = {
  name: 'recoverable',
  summary:
    'keep the password itself, sealed: CRAM-MD5 and APOP need it, where PLAIN is not offered',
} as const;

const add: BoxVerb<MailClientFacts> = {
  words: ['account', 'add'],
  arguments: [account],
  options: [recoverable],
  summary: 'make an account, and say what to type into a mail client',
  secret: { ask: 'Password for the new account', twice: true },
  runs: 'box',
  async run(call, box) {
    const name = value(call, 'account');
    const made = await box.accounts.add(name, secretOf(call), keepOf(call));
    return made.ok ? ok(box.mailClientFacts(name)) : made;
  },
  render: (facts, call) => mailClientInWords(facts) + shortInWords(call),
};

const list: BoxVerb<readonly AccountReport[]> = {
  words: ['account', 'list'],
  summary: 'every account with its addresses and what lies in its inbox',
  runs: 'box',
  reads: true,
  run: async (_call, box) => ok((await box.status()).accounts),
  render: (accounts) =>
    columns(
      accounts.map((one) => [
        one.name,
        counted(one.messages, 'message'),
        sizeInWords(one.octets),
        one.addresses.map(addressInWords).join(', '),
        recoverableInWords(one.recoverable),
      ]),
    ) || 'There is no account yet. Make one with: restante account add NAME',
};

const remove: BoxVerb<Named> = {
  words: ['account', 'remove'],
  arguments: [account],
  options: [{ name: 'yes', summary: 'do it without asking' }],
  summary: 'remove an account and all mail in it',
  runs: 'box',
  async run(call, box) {
    const name = value(call, 'account');
    const reluctant = await reluctance(call, () => box.accounts.lossOf(name));
    return reluctant ?? named(name, await box.accounts.remove(name));
  },
  render: (answer) => `The account ${answer.account} and its mail are gone.`,
};

const password: BoxVerb<Named> = {
  words: ['account', 'password'],
  arguments: [account],
  options: [recoverable],
  summary: "change an account's main password; its app passwords stay",
  secret: { ask: 'New password', twice: true },
  runs: 'box',
  async run(call, box) {
    const name = value(call, 'account');
    return named(name, await box.accounts.setPassword(name, secretOf(call), keepOf(call)));
  },
  render: (answer, call) =>
    `${answer.account} signs in with the new password from now on` +
    (keepOf(call) === 'recoverable' ? ', by CRAM-MD5 and APOP, too.' : '.') +
    shortInWords(call),
};

const unlock: BoxVerb<Named> = {
  words: ['account', 'unlock'],
  arguments: [account],
  summary: 'forget failed sign-ins, so that the account can sign in at once',
  runs: 'box',
  async run(call, box) {
    const name = value(call, 'account');
    return named(name, await box.accounts.unlock(name));
  },
  render: (answer) => `${answer.account} can sign in again from everywhere.`,
};

const addPassword: BoxVerb<NewPassword> = {
  words: ['account', 'passwords', 'add'],
  arguments: [account, { name: 'name' }],
  options: [recoverable],
  summary: 'make an app password for one device, such as "Ann\'s iPad"; it is shown once',
  runs: 'box',
  run: (call, box) =>
    box.accounts.passwords.add(value(call, 'account'), value(call, 'name'), keepOf(call)),
  render: (made) =>
    `${made.password}\n\nType this into ${made.name} as the password of ${made.account}. ` +
    'It is not shown again.',
};

const listPasswords: BoxVerb<readonly PasswordReport[]> = {
  words: ['account', 'passwords', 'list'],
  arguments: [account],
  summary: "an account's passwords by name, with their last use",
  runs: 'box',
  reads: true,
  run: (call, box) => box.accounts.passwords.list(value(call, 'account')),
  render: (passwords) =>
    columns(
      passwords.map((one) => [
        one.name,
        `made ${timeInWords(one.createdAt)}`,
        lastUse(one),
        one.recoverable ? 'recoverable' : '',
      ]),
    ),
};

const revokePassword: BoxVerb<Named & { readonly name: string }> = {
  words: ['account', 'passwords', 'revoke'],
  arguments: [account, { name: 'name' }],
  summary: 'make one app password invalid; the others stay',
  runs: 'box',
  async run(call, box) {
    const [owner, name] = [value(call, 'account'), value(call, 'name')];
    const done = await box.accounts.passwords.revoke(owner, name);
    return done.ok ? ok({ account: owner, name }) : done;
  },
  render: (answer) => `The password ${answer.name} of ${answer.account} is not valid any more.`,
};

export const accountVerbs = [
  add,
  list,
  remove,
  password,
  unlock,
  addPassword,
  listPasswords,
  revokePassword,
] as const;

function named(name: string, done: Result<void>): Result<Named> {
  return done.ok ? ok({ account: name }) : done;
}

function keepOf(call: Call): Keep {
  return call.flags.has(recoverable.name) ? 'recoverable' : 'keys';
}

/** Told and not refused: whoever set a short one on purpose, or in a script, goes on. */
function shortInWords(call: Call): string {
  if (call.secret === undefined || [...call.secret].length >= wiseCharacters) return '';
  const again = `restante account password ${value(call, 'account')}`;
  return (
    `\n\nThis password has fewer than ${wiseCharacters} characters and is easily guessed. ` +
    `It works; give a longer one with: ${again}`
  );
}

/** Told, because a password that can be read again is worth less than keys. */
function recoverableInWords(passwords: readonly string[]): string {
  return passwords.length === 0 ? '' : `recoverable: ${passwords.join(', ')}`;
}

function lastUse(report: PasswordReport): string {
  if (!report.usable) return 'unusable: kept by another box; set it anew';
  if (report.usedAt === undefined) return 'never used';
  const from = report.usedFrom === undefined ? '' : ` from ${report.usedFrom}`;
  return `last used ${timeInWords(report.usedAt)}${from}`;
}

function mailClientInWords(facts: MailClientFacts): string {
  const rows = [
    ['Mail address', facts.address],
    ['User name', facts.login],
    ...facts.incoming.map((place) => ['Incoming mail, POP3', placeInWords(facts.server, place)]),
    ...facts.outgoing.map((place) => ['Outgoing mail, SMTP', placeInWords(facts.server, place)]),
    ['CA file', facts.caFile],
    ['CA SHA-256', facts.caFingerprint],
  ];
  const { server, otherwise } = facts;
  const notes = [
    ...(otherwise === undefined
      ? []
      : [`A device that does not find ${server} takes ${otherwise} in its place.`]),
    'Import the CA file into the mail client or its device once, so that it trusts this box.',
    ...(facts.loopbackOnly
      ? ['Only programs on this machine reach the box now; the setting listen.host opens it.']
      : []),
  ];
  return [
    `${facts.login} has an account. Type this into a mail client:`,
    '',
    columns(rows).replaceAll(/^/gm, '  '),
    '',
    ...notes,
  ].join('\n');
}

function placeInWords(server: string, listener: ListenerReport): string {
  const security = listener.security === 'tls' ? 'SSL/TLS' : 'STARTTLS';
  return `${server}, port ${listener.port}, ${security}`;
}
