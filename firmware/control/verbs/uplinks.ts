/*
 * `uplink ...`: the ways out of the house, each an account at a provider or a relay. A password is
 * never an argument; with OAuth there is none, and `uplink signin` leads through the provider's own
 * pages.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import type { NewUplink } from '../box.ts';
import type { UplinkReport, UplinkSignInReport, UplinkTestReport } from '../types.ts';
import { type BoxVerb, type Call, listOf, reluctance, value } from '../verb.ts';
import { columns, counted, momentInWords } from '../words.ts';
import { isSecurity, placeOf, signInInWords, signInStep, wholeNumber } from './servers.ts';

const name = { name: 'name' } as const;

const add: BoxVerb<UplinkReport> = {
  words: ['uplink', 'add'],
  arguments: [name],
  options: [
    { name: 'provider', value: 'NAME', summary: 'gmail, outlook, icloud, gmx ...; knows the rest' },
    { name: 'host', value: 'HOST', summary: 'the SMTP server, when it is no known provider' },
    { name: 'port', value: 'PORT', summary: 'its port; else 465 for tls, 587 for starttls, 25' },
    {
      name: 'security',
      value: 'tls|starttls|none',
      summary: 'encrypted from the first octet, after STARTTLS, or not at all; else tls',
    },
    { name: 'user', value: 'USER', summary: 'the name to sign in with; a relay may need none' },
    {
      name: 'for',
      value: 'ADDRESS',
      repeats: true,
      summary: 'a sender it serves, may be given again; else USER, when that is an address',
    },
    { name: 'default', summary: 'it serves every sender that no other uplink serves' },
    { name: 'connections', value: 'COUNT', summary: 'how many connections at the same time' },
    {
      name: 'ca',
      value: 'FILE',
      fileText: true,
      summary: 'a certificate authority (PEM) to trust for this host alone',
    },
  ],
  summary: 'add a way out: an account at a provider, or a relay',
  secret: {
    ask: 'Password for this uplink (only Enter: none)',
    optional: (call) => call.values['user'] !== undefined,
  },
  runs: 'box',
  async run(call, box) {
    const wanted = newUplink(call);
    return wanted.ok ? box.uplinks.add(wanted.value) : wanted;
  },
  render: addedInWords,
};

const list: BoxVerb<readonly UplinkReport[]> = {
  words: ['uplink', 'list'],
  summary: 'every way out, whom it serves, and how it is',
  runs: 'box',
  reads: true,
  run: (_call, box) => box.uplinks.list(),
  render: (uplinks) =>
    uplinksInWords(uplinks) ||
    'There is no way out yet. Add one with: restante uplink add NAME --provider PROVIDER --user USER',
};

const test: BoxVerb<UplinkTestReport> = {
  words: ['uplink', 'test'],
  arguments: [name],
  summary: 'connect and sign in now, and say in plain words what is wrong',
  runs: 'box',
  run: (call, box) => box.uplinks.test(value(call, 'name')),
  render: ({ say, answer }) => (answer === '' ? say : `${say}\nThe server said: ${answer}`),
  isBad: ({ works }) => !works,
};

const signIn: BoxVerb<UplinkSignInReport> = {
  words: ['uplink', 'signin'],
  arguments: [name],
  options: [{ name: 'wait', summary: 'wait until the code that was shown has been typed' }],
  summary: "sign in on the provider's own pages (OAuth), without giving the box a password",
  // The address that the browser ended at, read with --password-stdin.
  secret: { ask: 'The address that the browser was sent to', optional: () => false },
  runs: 'box',
  run: (call, box) => box.uplinks.signIn(value(call, 'name'), signInStep(call)),
  next(answer, call) {
    if (answer.step === 'device') {
      return { call: { ...call, flags: new Set([...call.flags, 'wait']) } };
    }
    if (answer.step !== 'paste') return undefined;
    return { ask: 'Paste the address that the browser was sent to', call };
  },
  render: (report) => signInInWords('uplink', report),
};

const password: BoxVerb<{ readonly name: string }> = {
  words: ['uplink', 'password'],
  arguments: [name],
  summary: 'give an uplink, and the source of the same account, another password',
  secret: { ask: 'New password' },
  runs: 'box',
  async run(call, box) {
    const changed = await box.uplinks.setPassword(value(call, 'name'), call.secret ?? '');
    return changed.ok ? ok({ name: value(call, 'name') }) : changed;
  },
  render: (one) =>
    `${one.name} has a new password. See whether it works: restante uplink test ${one.name}`,
};

const remove: BoxVerb<{ readonly name: string }> = {
  words: ['uplink', 'remove'],
  arguments: [name],
  options: [{ name: 'yes', summary: 'do it without asking' }],
  summary: 'remove a way out; mail that waits for it waits on for another one',
  runs: 'box',
  async run(call, box) {
    const gone = { name: value(call, 'name') };
    const reluctant = await reluctance(call, () => box.uplinks.lossOf(gone.name));
    if (reluctant !== undefined) return reluctant;
    const removed = await box.uplinks.remove(gone.name);
    return removed.ok ? ok(gone) : removed;
  },
  render: (gone) =>
    `The uplink ${gone.name} is gone, and its password, unless a source of that account uses it.`,
};

export const uplinkVerbs = [add, list, test, signIn, password, remove] as const;

function newUplink(call: Call): Result<NewUplink> {
  const { provider, host, port, security, user, connections, ca } = call.values;
  if (provider === undefined && host === undefined) {
    const right = 'restante uplink add NAME --provider PROVIDER --user USER';
    return failed(refusal('usage', `--provider or --host is missing. Write: ${right}`));
  }
  if (security !== undefined && !isSecurity(security)) {
    return failed(refusal('usage', `--security is tls, starttls or none, not '${security}'.`));
  }
  return ok({
    name: value(call, 'name'),
    addresses: listOf(call, 'for'),
    isDefault: call.flags.has('default'),
    ...(provider === undefined ? {} : { provider }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: wholeNumber(port) }),
    ...(security === undefined ? {} : { security }),
    ...(user === undefined ? {} : { user }),
    ...(call.secret === undefined ? {} : { password: call.secret }),
    ...(connections === undefined ? {} : { connections: wholeNumber(connections) }),
    ...(ca === undefined ? {} : { ca }),
  });
}

function addedInWords(one: UplinkReport): string {
  const steps = [
    ...(one.first === undefined ? [] : [one.first]),
    ...(one.signIn === 'missing' ? [`Sign in first: restante uplink signin ${one.name}`] : []),
    `See whether it works: restante uplink test ${one.name}`,
  ];
  const { defaultBefore } = one;
  const before = defaultBefore === undefined ? '' : ` Until now, ${defaultBefore} was the default.`;
  const sends = `${one.name} sends by ${placeOf(one)}. ${servesInWords(one)}${before}`;
  return [sends, ...steps].join('\n');
}

/** One row for each uplink, with what is wrong below it; '' when there is none. */
export function uplinksInWords(uplinks: readonly UplinkReport[]): string {
  const rows = columns(
    uplinks.map((one) => [
      one.name,
      placeOf(one),
      one.user ?? 'no sign-in',
      healthInWords(one),
      one.waiting === 0 ? '' : `${counted(one.waiting, 'message')} waiting`,
    ]),
  ).split('\n');
  return uplinks
    .flatMap((one, index) => [
      rows[index] ?? '',
      `  ${servesInWords(one)}`,
      ...(one.say === '' ? [] : [`  ${one.say}`]),
    ])
    .join('\n');
}

function servesInWords({ addresses, isDefault }: UplinkReport): string {
  const own = addresses.join(', ');
  if (!isDefault) return own === '' ? 'It serves nobody yet.' : `It serves ${own}.`;
  return own === '' ? 'It serves everybody.' : `It serves ${own}, and who has no other.`;
}

function healthInWords({ condition, nextAt, signIn }: UplinkReport): string {
  const again = nextAt === undefined ? '' : `, tried again ${momentInWords(nextAt)}`;
  switch (condition) {
    case 'well':
      return signIn === 'missing' ? 'not signed in yet' : 'well';
    case 'paused':
      return `cannot be reached${again}`;
    case 'quota':
      return nextAt === undefined
        ? 'at its limit'
        : `at its limit, resumes about ${momentInWords(nextAt)}`;
    case 'sign-in':
      return 'refuses the sign-in';
  }
}
