/*
 * A box in memory with a household in it, for the pages and nodes: Ann, Bob and Cleo, their
 * providers, mail that waits, deleted mail. What strangers write in it (`hostile`) tries to become
 * markup, script or another line.
 */
import { failed, ok, refusal } from '#base/result';
import { settingsTable } from '#box/settings-table';
import type { Box } from '#control/box';
import type {
  HistoryReport,
  PanelReport,
  QueuedReport,
  ShelvedReport,
  SourceReport,
  StatusReport,
  UplinkReport,
} from '#control/types';
import { presets } from '#provider/presets';
import type { LiveSettings } from '#settings/settings';
import { MemoryBox } from '../unit/control/memory-box.ts';

const minute = 60_000;
const hour = 60 * minute;

export const nasty = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus=alert(1) autofocus x='",
  'javascript:alert(1)',
  '{{{payload}}}{{> page}}<!--',
  '</title></textarea><svg/onload=alert(1)>',
].join(' ');

export interface Household {
  readonly box: MemoryBox;
  readonly sources: readonly SourceReport[];
}

export function household(now: number, settings: LiveSettings, isHostile = false): Household {
  const said = (usual: string) => (isHostile ? `${usual} ${nasty}` : usual);
  const box = new MemoryBox();
  for (const name of ['ann', 'bob', 'cleo']) box.passwordOf.set(name, 'pw');
  box.addressList.push(
    { account: 'ann', address: 'ann@restante.local', kind: 'local' },
    { account: 'ann', address: 'ann.miller@gmail.com', kind: 'outside', knownAs: true },
    { account: 'bob', address: 'bob@restante.local', kind: 'local' },
    { account: 'cleo', address: 'cleo@restante.local', kind: 'local', forwardTo: ['c@web.de'] },
  );
  box.deviceList.push({
    ...{ name: said('printer'), address: '192.168.1.20', account: 'bob', oldTls: false },
    ...{ from: 'printer@restante.local', perHour: 100, sentThisHour: 3 },
  });
  const waiting = waitingAt(now, said);
  const ways = waysAt(now, said);
  const sources = sourcesAt(now);
  const status = box.status;
  const parts: Partial<Box> = {
    panel: { ...box.panel, report: panelReport },
    uplinks: { ...box.uplinks, list: async () => ok(ways) },
    settings: settingsTable(settings, async () => undefined),
    shelf: { ...box.shelf, list: async () => ok(shelvedAt(now, said)) },
    providers: { ...box.providers, list: providerList },
    sources: {
      ...box.sources,
      list: async () => ok(sources),
      test: async (name) =>
        ok({ name, works: true, say: 'Signed in; 3 messages lie there.', answer: '' }),
      collect: async () =>
        ok([
          {
            ...{ name: 'gmail', works: true, collected: 2, known: 0, skipped: 0, tooLarge: 0 },
            ...{ removed: 0, say: '' },
          },
        ]),
    },
    status: async () => ({ ...(await status()), ...statusAt(now, box, ways, said) }),
    log: logAt(now, said),
    backups: {
      ...box.backups,
      status: async () =>
        ok({
          ...{ state: 'waiting', to: '/media/usb/restante', everySeconds: 86_400, keep: 7 },
          ...{ passphrase: 'set', nextAt: now + 9 * hour, warnings: [] },
          history: [
            {
              ...{ at: now - 15 * hour, works: true, rehearsed: true },
              say: 'The backup is good: 15 messages were restored for a trial.',
            },
          ],
        }),
    },
  };
  const history = historyAt(now, said, waiting);
  Object.assign(box.queue, {
    list: async () => ok(waiting),
    why: async (id: string) =>
      id === history.id ? ok(history) : failed(refusal('unknown', 'No message has this id.')),
    whyAddress: async () => ok([history]),
  });
  Object.assign(box, parts);
  return { box, sources };
}

type Said = (usual: string) => string;

function waitingAt(now: number, said: Said): readonly QueuedReport[] {
  return [
    {
      ...{ id: 'a1b2c3', account: 'ann', sender: 'ann.miller@gmail.com', octets: 48_213 },
      ...{ queuedAt: now - 3 * hour, uplink: 'gmail' },
      recipients: [
        {
          ...{ address: said('dora@example.net'), attempts: 3, doubt: false },
          nextAt: now + 21 * minute,
          last: said('gmail answered 452 4.2.2 The mailbox is full'),
        },
      ],
    },
    {
      ...{ id: 'd4e5f6', account: 'bob', sender: 'bob@restante.local', octets: 2_104 },
      queuedAt: now - 20 * minute,
      recipients: [{ address: 'office@example.org', attempts: 0, last: '', doubt: false }],
    },
  ];
}

function historyAt(now: number, said: Said, waiting: readonly QueuedReport[]): HistoryReport {
  const [queued] = waiting;
  return {
    id: 'a1b2c3',
    lines: [
      { at: now - 3 * hour, say: said("taken in from Ann's iPad by submission") },
      { at: now - 3 * hour + minute, say: 'gmail answered 421; tried again later' },
      { at: now - hour, say: said('gmail answered 452 4.2.2 The mailbox is full') },
    ],
    ...(queued === undefined ? {} : { queued }),
  };
}

function waysAt(now: number, said: Said): readonly UplinkReport[] {
  const common = { port: 465, security: 'tls', connections: 2 } as const;
  return [
    {
      ...{ ...common, name: 'gmail', provider: 'gmail', host: 'smtp.gmail.com' },
      ...{ user: 'ann.miller@gmail.com', signIn: 'password', isDefault: true },
      ...{ addresses: ['ann.miller@gmail.com'], condition: 'well', say: '', waiting: 1 },
    },
    {
      ...{ ...common, name: 'outlook', provider: 'outlook', host: 'smtp-mail.outlook.com' },
      ...{ user: 'bob@outlook.com', signIn: 'oauth', isDefault: false, waiting: 0 },
      ...{ addresses: ['bob@outlook.com'], condition: 'sign-in', nextAt: now + hour },
      say: said('Outlook.com wants you to sign in again'),
    },
  ];
}

function sourcesAt(now: number): readonly SourceReport[] {
  return [
    {
      ...{ name: 'gmail', account: 'ann', host: 'imap.gmail.com', messages: 412 },
      ...{ provider: 'gmail', protocol: 'imap', port: 993, security: 'tls', folders: ['INBOX'] },
      ...{ since: '30d', keep: 'forever', everySeconds: 300 },
      ...{ user: 'ann.miller@gmail.com', condition: 'well', say: '' },
      ...{ signIn: 'password', lastAt: now - 4 * minute, nextAt: now + minute },
    },
  ];
}

function shelvedAt(now: number, said: Said): readonly ShelvedReport[] {
  return [
    ['Tickets for Saturday', 'Theatre <tickets@example.org>', 'ann', 2],
    ['Your parcel is on its way', 'Parcels <noreply@example.net>', 'bob', 26],
  ].map(([subject, from, account, hours], index) => ({
    ...{ id: index + 1, account: String(account), octets: 18_400 * (index + 1) },
    ...{ arrivedAt: now - 90 * hour, deletedAt: now - Number(hours) * hour },
    ...{ from: said(String(from)), subject: said(String(subject)) },
  }));
}

function panelReport(): PanelReport {
  return {
    driver: 'simulated',
    lamps: [
      { lamp: 'mail', pattern: 'on', say: 'There is mail that its owner has not retrieved.' },
      { lamp: 'queue', pattern: 'fast', say: 'An uplink refuses the sign-in.' },
      { lamp: 'status', pattern: 'pulse', say: 'The box works, though something is wrong.' },
    ],
  };
}

function providerList(): ReturnType<Box['providers']['list']> {
  return presets.map(({ name, title, domains, signIn, appPasswords, first, imap }) => ({
    ...{ name, title, domains, signIn, collects: imap !== undefined },
    ...(appPasswords === undefined ? {} : { appPasswords }),
    ...(first === undefined ? {} : { first }),
  }));
}

function statusAt(
  now: number,
  box: MemoryBox,
  uplinks: readonly UplinkReport[],
  said: Said,
): Partial<StatusReport> {
  const figures: Readonly<Record<string, readonly [number, number, number]>> = {
    ann: [12, 4_812_400, 2],
    cleo: [3, 93_000, 0],
  };
  return {
    ...{ startedAt: now - 50 * hour, uptimeSeconds: 180_000, uplinks },
    listeners: [
      { name: 'submissions', address: '0.0.0.0', port: 465, security: 'tls' },
      { name: 'pop3s', address: '0.0.0.0', port: 995, security: 'tls' },
    ],
    certificate: {
      say: 'It shows a certificate of its own authority, good until 12 Mar 2027',
      ...{ validUntil: now + 2_000 * hour, caFile: '/data/tls/ca.pem' },
      caFingerprint: '4F:9A:11:C2:7B:03:5E:D8:90:A4:6C:1F:22:E7:B5:3D:4F:9A:11:C2:7B:03:5E:D8',
    },
    accounts: [...box.passwordOf.keys()].map((name) => {
      const [messages, octets, unretrieved] = figures[name] ?? [0, 0, 0];
      const addresses = box.addressList.filter(({ account }) => account === name);
      return { name, messages, octets, unretrieved, addresses, recoverable: [] };
    }),
    store: { takesMail: true, serves: true, room: 21_400_000_000 },
    queue: {
      ...{ messages: 2, recipients: 2, octets: 50_317, sending: 0, withoutUplink: 1 },
      ...{ oldestAt: now - 3 * hour, nextAt: now + 21 * minute, held: box.queue.held },
      flushing: false,
    },
    web: { owner: 'set', sessions: 1, addresses: ['https://restante.local'], setUp: 'done' },
    flows: { state: 'ready', run: 'demand', memory: 92_000_000 },
    warnings: [said('The disk is slow.')],
  };
}

function logAt(now: number, said: Said): Box['log'] {
  const line = (ago: number, level: 'info' | 'warn', part: string, say: string) => ({
    ...{ at: now - ago * minute, level, part, say, facts: {} },
  });
  return {
    recent: () => [
      line(90, 'info', 'box', 'The box is ready'),
      line(64, 'info', 'pop3', 'ann collected 3 messages'),
      line(60, 'warn', 'uplink', said('outlook refuses the sign-in')),
      line(4, 'info', 'collector', 'gmail: 1 new message for ann'),
    ],
    follow: () => ({ [Symbol.dispose]: () => {} }),
  };
}
