/*
 * Every setting of the box, once. Types, checks, `--help`, the reference page (REFERENCE.md) and
 * later the Node-RED forms derive from this table. To add a setting, add a row and run
 * `scripts/settings-page`. Secrets are never settings.
 */
import {
  addresses,
  choice,
  domain,
  domains,
  folder,
  type Kind,
  octets,
  path,
  port,
  text,
  whole,
} from './kinds.ts';
import { pinChoices } from './panel-kinds.ts';
import { serialDevice } from './serial-kind.ts';
import { dayWindows, duration, durations } from './time-kinds.ts';

/** `checkout`: a developer's clone, loopback and high ports. `appliance`: the box in the hall. */
export const profiles = ['checkout', 'appliance'] as const;
export type Profile = (typeof profiles)[number];

/** `live`: a change works at once. `restart`: it works after the next start. */
export type Applies = 'live' | 'restart';

export interface Row<T> {
  readonly kind: Kind<T>;
  /** The value while nobody says otherwise, for each profile. */
  readonly preset: Readonly<Record<Profile, T>>;
  readonly applies: Applies;
  /** One sentence: what it does. */
  readonly sentence: string;
}

function row<T>(kind: Kind<T>, preset: NoInfer<T>, applies: Applies, sentence: string): Row<T> {
  return { kind, preset: { checkout: preset, appliance: preset }, applies, sentence };
}

function byProfile<T>(
  kind: Kind<T>,
  checkout: NoInfer<T>,
  appliance: NoInfer<T>,
  sentence: string,
): Row<T> {
  return { kind, preset: { checkout, appliance }, applies: 'restart', sentence };
}

const accountOrNone = text(
  'the name of an account, or nothing',
  /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63}$|^$/u,
);

const accountsOrNone = text(
  'names of accounts separated by commas, or nothing',
  /^(?:[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63}(?:\s*,\s*(?=.)|$)){0,32}$/u,
);

// RFC 6749 §A.1; no provider's is longer.
const clientId = text('the id of an OAuth client, or nothing', /^[\x21-\x7e]{0,256}$/);

const webAddress = text(
  'an address that begins with https://, or nothing',
  /^(?:https:\/\/[a-z0-9.:[\]-]+(?:\/[\x21-\x7e]{0,1000})?)?$/i,
);

export const table = {
  profile: row(
    choice(...profiles),
    'checkout',
    'restart',
    'Which set of defaults is used: checkout (this machine only, ports above 1024) or appliance.',
  ),

  'listen.host': byProfile(
    addresses,
    ['127.0.0.1', '::1'],
    ['0.0.0.0', '::'],
    'The addresses of this machine that all listeners use.',
  ),
  'smtp.port': byProfile(port, 2525, 25, 'SMTP: other hosts hand in mail for this house.'),
  'submission.port': byProfile(
    port,
    2587,
    587,
    'Submission: mail clients send, encrypted after STARTTLS.',
  ),
  'submissions.port': byProfile(
    port,
    2465,
    465,
    'Submission over TLS: mail clients send, encrypted from the first octet.',
  ),
  'pop3.port': byProfile(port, 2110, 110, 'POP3: mail clients collect, encrypted after STLS.'),
  'pop3s.port': byProfile(
    port,
    2995,
    995,
    'POP3 over TLS: mail clients collect, encrypted from the first octet.',
  ),
  'imap.port': byProfile(
    port,
    2143,
    143,
    'IMAP. This version does not listen there yet; the setting is kept for it.',
  ),
  'imaps.port': byProfile(
    port,
    2993,
    993,
    'IMAP over TLS. This version does not listen there yet; the setting is kept for it.',
  ),
  'web.port': byProfile(
    port,
    8080,
    80,
    "The first web page: explains and hands out the box's certificate, and leads to webs.port.",
  ),
  'webs.port': byProfile(
    port,
    8443,
    443,
    'The web pages for setting up the box and for daily life, encrypted.',
  ),

  'host.name': row(
    domain,
    'restante.local',
    'restart',
    'What the box calls itself in greetings and certificates.',
  ),
  discovery: row(
    choice('on', 'off'),
    'on',
    'live',
    'Whether the box tells the networks on which it listens what it is called and what it offers ' +
      '(multicast DNS), so that host.name leads to it when that ends in .local.',
  ),
  'net.connections': row(
    whole('', 10, 10_000),
    250,
    'live',
    'Connections served at the same time; more are asked to come again later.',
  ),
  'net.connectionsPerPeer': row(
    whole('', 1, 10_000),
    100,
    'live',
    'Connections served at the same time for one address (for IPv6, for one /64 network).',
  ),

  'mail.domains': row(
    domains,
    ['restante.local'],
    'live',
    'The domains whose mail is delivered into this house.',
  ),
  'mail.catchAll': row(
    accountOrNone,
    '',
    'live',
    'The account that gets mail to unknown names in mail.domains; when empty, it is refused.',
  ),
  'mail.maxOctets': row(
    octets(65_536, 1024 ** 3),
    100 * 1024 ** 2,
    'live',
    'The biggest message that is taken in.',
  ),

  'smtp.maxRecipients': row(
    // RFC 5321 §4.5.3.1.8: at least 100 recipients must be taken.
    whole('', 100, 100_000),
    1000,
    'live',
    'The most recipients of one message.',
  ),
  'smtp.idle': row(
    whole('seconds', 30, 86_400),
    300,
    'live',
    'Silence after which an SMTP connection is closed; RFC 5321 §4.5.3.2.7 asks for 300 s.',
  ),
  'smtp.bareNewline': row(
    choice('auto', 'repair', 'refuse'),
    'auto',
    'live',
    'What happens to mail with a bare CR or LF: repair it, refuse it, or (auto) repair it for ' +
      'this machine, the home network and signed-in clients and refuse it from elsewhere.',
  ),

  'pop3.idle': row(
    whole('seconds', 30, 86_400),
    600,
    'live',
    'Silence after which a POP3 connection is closed; RFC 1939 §3 asks for at least 600 s.',
  ),
  'pop3.lockWait': row(
    whole('seconds', 0, 60),
    5,
    'live',
    'How long a POP3 sign-in waits for another one to let go of the same maildrop.',
  ),
  'pop3.shelfDays': row(
    whole('days', 0, 365),
    7,
    'live',
    'How long messages deleted by POP3 can still be brought back; 0 deletes them at once.',
  ),

  'queue.retries': row(
    durations(1, 604_800, 32),
    [60, 300, 900, 1_800, 3_600, 7_200, 14_400],
    'live',
    'How long outgoing mail waits after its first, second, third failed attempt, and so on; the ' +
      'last of them holds for all further attempts.',
  ),
  'queue.delayNotice': row(
    duration(60, 2_592_000, 'for never'),
    14_400,
    'live',
    'After how long its sender is told that a message still waits to go out.',
  ),
  'queue.giveUp': row(
    // RFC 5321 §4.5.4.1: the give-up time generally needs to be at least 4-5 days.
    duration(3_600, 2_592_000),
    432_000,
    'live',
    'After how long a message that cannot be sent goes back to its sender.',
  ),
  'queue.windows': row(
    dayWindows,
    [],
    'live',
    'When in the day mail goes out; when empty, always. A flush sends at any time.',
  ),

  'collect.largest': row(
    octets(65_536, 1024 ** 3),
    50 * 1024 ** 2,
    'live',
    'The biggest message that is collected from elsewhere; a bigger one stays there, and its owner ' +
      'is told.',
  ),
  'collect.connections': row(
    whole('', 1, 16),
    3,
    'live',
    'How many sources are collected from at the same time.',
  ),
  'collect.lowWater': row(
    octets(1024 ** 2, 64 * 1024 ** 3),
    256 * 1024 ** 2,
    'live',
    'Room on the disk below which collecting rests, so that what is sent to the box still fits; ' +
      'never more than a fifth of the disk, and no less than store.lowWater.',
  ),

  'auth.plaintext': row(
    choice('never', 'loopback', 'always'),
    'loopback',
    'live',
    'Where passwords may cross a connection that is not encrypted: never, loopback (within ' +
      'this machine), or always (anybody on the network can read them).',
  ),
  'auth.rounds': row(
    // RFC 7677 §4 asks for at least 4,096; ours is the floor that Restante's design sets.
    whole('', 15_000, 1_000_000),
    15_000,
    'live',
    'How much work it is to try a password against a stolen account list; for accounts made from ' +
      'then on, because all passwords of an account share it.',
  ),

  'tls.certificate': row(
    path,
    '',
    'live',
    "A certificate of your own (PEM, with its chain) in place of the box's; wants tls.key too.",
  ),
  'tls.key': row(path, '', 'live', 'The private key (PEM) of tls.certificate.'),

  'oauth.microsoft.client': row(
    clientId,
    '',
    'live',
    'The id of your OAuth client at Microsoft (a public one, made at entra.microsoft.com); without ' +
      'it nobody can sign in there.',
  ),
  'oauth.microsoft.device': row(
    webAddress,
    'https://login.microsoftonline.com/common/oauth2/v2.0/devicecode',
    'live',
    'Where a code for signing in is asked for (RFC 8628).',
  ),
  'oauth.microsoft.token': row(
    webAddress,
    'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    'live',
    'Where sign-ins are completed and renewed.',
  ),
  'oauth.google.client': row(
    clientId,
    '',
    'live',
    'The id of your OAuth client at Google (of the kind "Desktop app"); an app password works ' +
      'without.',
  ),
  'oauth.google.secret': row(
    path,
    '',
    'live',
    'A file with the secret of oauth.google.client: the JSON that Google lets you download.',
  ),
  'oauth.google.authorize': row(
    webAddress,
    'https://accounts.google.com/o/oauth2/v2/auth',
    'live',
    'The page on which a person signs in.',
  ),
  'oauth.google.token': row(
    webAddress,
    'https://oauth2.googleapis.com/token',
    'live',
    'Where sign-ins are completed and renewed.',
  ),
  'oauth.own.client': row(
    clientId,
    '',
    'live',
    'The id of the OAuth client at a sign-in server of your own choice.',
  ),
  'oauth.own.secret': row(
    path,
    '',
    'live',
    'A file with the secret of oauth.own.client, when it has one.',
  ),
  'oauth.own.scope': row(
    text('words of printable ASCII, or nothing', /^[\x20-\x7e]{0,1024}$/),
    '',
    'live',
    'What is asked for there: the scopes that allow sending and reading mail.',
  ),
  'oauth.own.device': row(
    webAddress,
    '',
    'live',
    'Where a code for signing in is asked for (RFC 8628), when that server offers it.',
  ),
  'oauth.own.authorize': row(
    webAddress,
    '',
    'live',
    'The page on which a person signs in, when oauth.own.device is empty.',
  ),
  'oauth.own.token': row(webAddress, '', 'live', 'Where sign-ins are completed and renewed.'),
  'oauth.own.ca': row(
    path,
    '',
    'live',
    'A certificate authority (PEM) that is trusted for these addresses alone.',
  ),

  'store.lowWater': row(
    octets(1024 ** 2, 64 * 1024 ** 3),
    32 * 1024 ** 2,
    'live',
    'Room that is kept free on the disk: below it, new mail is put off; never more than a tenth ' +
      'of the disk.',
  ),

  'backup.to': row(
    folder,
    '',
    'live',
    'The folder that backups go to by themselves, such as that of a USB disk; none when empty. See ' +
      '"restante backup schedule".',
  ),
  'backup.every': row(
    duration(3_600, 2_678_400, 'for never'),
    0,
    'live',
    'How long after the last backup the next one is made.',
  ),
  'backup.keep': row(
    whole('', 1, 365),
    7,
    'live',
    'How many of these backups are kept; older ones are removed when a new one is there.',
  ),

  'panel.driver': row(
    choice('auto', 'chardev', 'onoff', 'serial', 'simulated', 'none'),
    'auto',
    'restart',
    'What drives lamps and button: chardev or onoff (pins of the board), serial, simulated (on ' +
      'the terminal), none, or auto: the first that this machine has.',
  ),
  'panel.pins': row(
    pinChoices,
    [],
    'restart',
    'Pins that differ from those in hardware/README.md, by BCM number: mail, queue, status, flush, ' +
      'and mail.NAME for a lamp of one account; :low for a lamp that is lit at 0 V.',
  ),
  'panel.lamps': row(
    accountsOrNone,
    '',
    'live',
    'Accounts with a mail lamp of their own, separated by commas, beside the one for all.',
  ),
  'serial.panel': row(
    serialDevice,
    { path: '', baud: 115_200 },
    'restart',
    'The serial line to a microcontroller with lamps and button, for panel.driver serial.',
  ),
  'serial.console': row(
    serialDevice,
    { path: '', baud: 115_200 },
    'restart',
    'A serial line on which the box can be set up and asked, after signing in.',
  ),

  'flows.run': row(
    choice('demand', 'always', 'off'),
    'demand',
    'live',
    'When Node-RED runs, of which the web pages are made (it takes 115 to 145 MB of memory): on ' +
      'demand (while somebody looks at a page), always, or off.',
  ),
  'flows.editor': row(
    choice('off', 'on'),
    'off',
    'live',
    "Whether the owner can rewire the flows in Node-RED's editor, at /editor of the web pages.",
  ),
  'flows.idle': row(
    duration(60, 86_400),
    600,
    'live',
    'How long after the last look at a page Node-RED is stopped, when flows.run is demand.',
  ),

  'log.level': row(
    choice('error', 'warn', 'info', 'debug', 'trace'),
    'info',
    'live',
    'How much is logged; trace shows every line of every session, with secrets starred.',
  ),
  'log.format': row(
    choice('auto', 'text', 'journal', 'json'),
    'auto',
    'restart',
    'The form of log lines: text for people, journal for systemd, json for machines; auto finds out.',
  ),
} as const;

export type SettingName = keyof typeof table;

type ValueOf<R> = R extends Row<infer T> ? T : never;

/** The value of every setting, typed by its name. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof table)[Name]> };

export const settingNames = Object.keys(table) as readonly SettingName[];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(table, name);
}

/** A row whose type of value does not matter to the caller. */
export function rowOf(name: SettingName): Row<unknown> {
  return table[name] as Row<unknown>;
}
