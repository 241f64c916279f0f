/*
 * No command and no option of one is said on a page: every sentence of the firmware that names one
 * is turned into what somebody with a browser can do.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inBrowser } from '../../flows/nodes/views/browser-words.ts';

const rows: readonly (readonly [string, string])[] = [
  ['Give it: restante uplink password ann-smtp.example.org.', 'Give it under “Change or remove”.'],
  ['Give the right one: restante source password a', 'Give the right one under “Change or remove”'],
  [
    'Make one there. Then: restante uplink password a.',
    'Make one there. Then give it under “Change or remove”.',
  ],
  ['Sign in anew: restante uplink signin a', 'Sign in anew (the button “Sign in anew”)'],
  ['a is signed in. See whether it works: restante uplink test a', 'a is signed in. Now test it'],
  [
    'Mended? put right at the provider: restante source test a',
    'Mended? put right at the provider, press “Test”',
  ],
  [
    'Ask the provider which, and say it: restante source change a --host HOST',
    'Ask the provider which, remove this one here, and connect that one',
  ],
  ['It is paused: restante source resume a', 'It is paused: press “Go on”'],
  ['There is no uplink a; see: restante uplink list', 'There is no uplink a'],
  [
    'Mail waits that no uplink serves; see "restante queue list", and add one for it.',
    'Mail waits that no uplink serves: connect one for it.',
  ],
  ['Try --security starttls, mostly with --port 587', 'Try STARTTLS, mostly with the port 587'],
  [
    'Use --port 587 with starttls, or 465 with tls',
    'Use the port 587 with STARTTLS, or 465 with TLS',
  ],
  [
    'tls.example.org does not begin with TLS on port 25',
    'tls.example.org does not begin with TLS on port 25',
  ],
  [
    'If you trust it all the same, give its authority with --ca FILE',
    'If you trust it all the same, give its certificate below',
  ],
  ['No server for sending (--provider, --smtp-host, --imap-host)', 'No server for sending'],
  [
    '--user is missing. Write: restante provider connect ACCOUNT --user USER',
    'The mail address is missing',
  ],
  [
    'gmx.de is not among mail.domains; use --outside for an address that ann has elsewhere',
    'gmx.de is not among mail.domains; tick the first box of “Kind” for an address that ann has ' +
      'elsewhere',
  ],
  [
    'for mail that bob is to have, too, write: restante address add bob info@restante.local',
    'for mail that bob is to have, too, add info@restante.local on the page of bob',
  ],
  [
    'If it is your printer: restante device add NAME --address fd00::2 --account ACCOUNT',
    'If it is your printer, add it on the page People',
  ],
  [
    'Register an app, then: restante settings set oauth.microsoft.client ID. Nothing was kept.',
    'Register an app, then: on the page Settings, fill in oauth.microsoft.client. Nothing was kept.',
  ],
  ['Answer what it asks; then: restante flush', 'Answer what it asks; then press “Send now”'],
];

for (const [say, expected] of rows) test(say, () => assert.equal(inBrowser(say), expected));

test('on the page that says what came of it, the password is typed below', () => {
  assert.equal(inBrowser('Give it: restante uplink password a', 'below'), 'Give it below');
});

/** Where sentences stand that pages show. */
const folders = ['provider', 'provider/refusal-rows', 'uplink', 'collector', 'mail/sign-ins'];
const books = ['uplink-book', 'source-book', 'queue-book', 'way-out-report', 'connecting'];
const root = new URL('../../firmware/', import.meta.url);

/** Where sentences stand about people and the machines that send. */
const aboutPeople = [
  ...['mail/accounts/obstacles.ts', 'mail/devices/failing-senders.ts'],
  'control/verbs/addresses.ts',
];
/** What only the command line, or a verb that no form asks, says. */
const notOnPages = /known by, or --none|add it first|To keep one|with --outside: what/;

test('no refusal about people is left with a command or an option in it', () => {
  const left = aboutPeople
    .flatMap(sentencesIn)
    .filter((said) => /\brestante [a-z]|--[a-z]/.test(said) && !notOnPages.test(said))
    .map((said) => inBrowser(said))
    .filter((said) => /\brestante [a-z]|--[a-z]/.test(said));
  assert.deepEqual(left, []);
});

/** Texts of the source, with names put in. */
function sentencesIn(file: string): string[] {
  const text = readFileSync(new URL(file, root), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const pieces = text.match(/'[^'\n]*'|`[^`]*`/g) ?? [];
  return pieces.map((piece) => piece.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, 'ann'));
}

test('no sentence about a provider is left with a command in it', () => {
  const files = [
    ...folders.flatMap((folder) => {
      const names = readdirSync(new URL(folder, root)).filter((name) => name.endsWith('.ts'));
      return names.map((name) => `${folder}/${name}`);
    }),
    ...books.map((name) => `box/${name}.ts`),
  ];
  const mails = ['uplink/assignment.ts'];
  const commands = files
    .filter((file) => !mails.includes(file))
    .flatMap(sentencesIn)
    .filter((said) => /\brestante (uplink|source|queue|provider|flush)\b/.test(said));
  assert.ok(commands.length > 20, 'there are such sentences');
  const left = commands.map((said) => inBrowser(said)).filter((said) => /\brestante\b/.test(said));
  assert.deepEqual(left, []);
});
