/*
 * `provider ...`: the mail providers the box knows, and connecting somebody with theirs in one go:
 * their address, the way out, the way in, each really tested, each said in plain words.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import type { NewConnection, SignInStep } from '../box.ts';
import type { AuthorityReport, ConnectReport, ProviderReport } from '../types.ts';
import { type BoxVerb, type Call, value } from '../verb.ts';
import { columns, momentInWords } from '../words.ts';
import { signInInWords } from './servers.ts';

const list: BoxVerb<readonly ProviderReport[]> = {
  words: ['provider', 'list'],
  summary: 'the providers the box knows, and how somebody signs in there',
  runs: 'box',
  reads: true,
  run: async (_call, box) => ok(box.providers.list()),
  render: (providers) =>
    columns(providers.map(({ name, title, signIn }) => [name, title, signIn.join(', ')])),
};

const securities = ['tls', 'starttls', 'none'] as const;

const connect: BoxVerb<ConnectReport> = {
  words: ['provider', 'connect'],
  arguments: [{ name: 'account' }],
  options: [
    { name: 'provider', value: 'NAME', summary: 'gmail, outlook, icloud, gmx ...; knows the rest' },
    { name: 'user', value: 'USER', summary: 'the name to sign in with there' },
    { name: 'address', value: 'ADDRESS', summary: 'the address there; else USER, if it is one' },
    { name: 'send', summary: 'only send by it' },
    { name: 'collect', summary: 'only collect from it; with --send, both' },
    { name: 'smtp-host', value: 'HOST', summary: 'the SMTP server, when it is no known provider' },
    { name: 'smtp-port', value: 'PORT', summary: 'its port' },
    { name: 'smtp-security', value: securities.join('|'), summary: 'how it is encrypted' },
    { name: 'imap-host', value: 'HOST', summary: 'the IMAP server, when it is no known provider' },
    { name: 'imap-port', value: 'PORT', summary: 'its port' },
    { name: 'imap-security', value: securities.join('|'), summary: 'how it is encrypted' },
    {
      name: 'ca',
      value: 'FILE',
      fileText: true,
      summary: 'a certificate authority (PEM) to trust for these hosts alone',
    },
    { name: 'again', value: 'KEY', summary: 'from the answer to a try; in place of the password' },
    { name: 'wait', summary: 'go on when the code that was shown has been typed' },
    { name: 'pasted', summary: 'what is handed over is the address that the browser ended at' },
  ],
  summary: 'connect an account with its provider: address, sending, collecting, each tested',
  secret: {
    ask: 'Password at the provider (only Enter: none)',
    optional: ({ flags, values }) =>
      !flags.has('wait') && !flags.has('pasted') && values['again'] === undefined,
  },
  runs: 'box',
  async run(call, box) {
    const wish = newConnection(call);
    return wish.ok ? box.providers.connect(wish.value) : wish;
  },
  next({ signIn }, call) {
    const { secret: _password, ...rest } = call;
    if (signIn?.step === 'device') {
      return { call: { ...rest, flags: new Set([...call.flags, 'wait']) } };
    }
    if (signIn?.step !== 'paste') return undefined;
    const flags = new Set([...call.flags, 'pasted']);
    return { ask: 'Paste the address that the browser was sent to', call: { ...rest, flags } };
  },
  render: ({ steps, signIn }) =>
    [
      ...steps.map(({ step, ok: went, say }) => `${went ? 'ok ' : 'NOT'}  ${step}: ${say}`),
      ...(signIn === undefined ? [] : [signInInWords('uplink', signIn)]),
    ].join('\n'),
  isBad: ({ done, signIn }) => !done && signIn === undefined,
};

const certificate: BoxVerb<readonly AuthorityReport[]> = {
  words: ['provider', 'certificate'],
  options: [{ name: 'ca', value: 'FILE', fileText: true, summary: 'the file (PEM)' }],
  summary: 'what a file with certificates holds, to be compared before it is trusted by --ca',
  runs: 'box',
  async run({ values: { ca } }, box) {
    if (ca === undefined) return failed(refusal('usage', '--ca is missing: name a file (PEM)'));
    return box.providers.certificates(ca);
  },
  render: (all) =>
    all
      .map(({ name, issuer, fingerprint, until }) =>
        [
          name,
          `  by ${name === issuer ? 'itself' : issuer}, until ${momentInWords(until)}`,
          `  SHA-256 ${fingerprint}`,
        ].join('\n'),
      )
      .join('\n'),
};

export const providerVerbs = [list, connect, certificate] as const;

function newConnection(call: Call): Result<NewConnection> {
  const { provider, user, address, ca, again } = call.values;
  const hosts = [call.values['smtp-host'], call.values['imap-host']];
  const right = 'restante provider connect ACCOUNT --provider PROVIDER --user USER';
  if (user === undefined || user === '') {
    return failed(refusal('usage', `--user is missing. Write: ${right}`));
  }
  if (provider === undefined && hosts.every((host) => host === undefined)) {
    const say = 'No provider is named, and no server for sending or collecting';
    return failed(refusal('usage', `${say} (--provider, --smtp-host, --imap-host)`));
  }
  const [smtp, imap] = [placeOf(call, 'smtp'), placeOf(call, 'imap')];
  if (!smtp.ok) return smtp;
  if (!imap.ok) return imap;
  const halves = halvesOf(call);
  if (!halves.ok) return halves;
  const signIn = signInStep(call);
  return ok({
    ...{ account: value(call, 'account'), user, signIn },
    ...halves.value,
    ...(provider === undefined ? {} : { provider }),
    ...(address === undefined ? {} : { address }),
    ...(call.secret === undefined || signIn.step !== 'begin' ? {} : { password: call.secret }),
    ...(Object.keys(smtp.value).length === 0 ? {} : { smtp: smtp.value }),
    ...(Object.keys(imap.value).length === 0 ? {} : { imap: imap.value }),
    ...(ca === undefined ? {} : { ca }),
    ...(again === undefined ? {} : { again }),
  });
}

/** Which of the two was asked for; neither is both. With servers of one's own, what has a server. */
function halvesOf({ flags, values }: Call): Result<Pick<NewConnection, 'send' | 'collect'>> {
  const asked = { send: flags.has('send'), collect: flags.has('collect') };
  if (values['provider'] !== undefined) return ok(asked);
  const here = { send: Boolean(values['smtp-host']), collect: Boolean(values['imap-host']) };
  if (!asked.send && !asked.collect) return ok(here);
  const missing =
    asked.send && !here.send ? 'smtp' : asked.collect && !here.collect ? 'imap' : undefined;
  if (missing === undefined) return ok(asked);
  const say = `--${missing}-host is missing: without --provider the box knows no server for it.`;
  return failed(refusal('usage', say));
}

function placeOf(call: Call, which: 'smtp' | 'imap'): Result<NonNullable<NewConnection['smtp']>> {
  const host = call.values[`${which}-host`];
  const port = call.values[`${which}-port`];
  const security = call.values[`${which}-security`];
  const known = securities.find((one) => one === security);
  if (security !== undefined && known === undefined) {
    const say = `--${which}-security is tls, starttls or none, not '${security}'.`;
    return failed(refusal('usage', say));
  }
  return ok({
    ...(host === undefined ? {} : { host }),
    // What is no whole number becomes NaN, which the box refuses in words.
    ...(port === undefined ? {} : { port: /^\d+$/.test(port) ? Number(port) : Number.NaN }),
    ...(known === undefined ? {} : { security: known }),
  });
}

function signInStep(call: Call): SignInStep {
  if (call.flags.has('wait')) return { step: 'wait' };
  if (call.flags.has('pasted')) return { step: 'pasted', text: call.secret ?? '' };
  return { step: 'begin' };
}
