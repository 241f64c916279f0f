/* A box in memory: the door's ports filled with the least that behaves. */
import { failed, ok, refusal, trouble } from '#base/result';
import type { Box } from '#control/box';
import { LogRing } from '#control/log-ring';
import type {
  AddressReport,
  BackupStatusReport,
  BoxEvent,
  DeviceReport,
  MailReport,
  SettingReport,
  StatusReport,
} from '#control/types';
import { memoryQueue, memorySources, memoryUplinks } from './memory-way-out.ts';

const unknown = failed(refusal('unknown-account', 'There is no such account.'));

const memoryMail: readonly MailReport[] = [1, 2].map((number) => ({
  ...{ id: `g.${number}`, cursor: `g.${number}`, account: 'ann', octets: 1536 },
  ...{ arrivedAt: 0, from: 'Bob <bob@example.org>', subject: 'hello' },
}));

const memoryBackups: BackupStatusReport = {
  ...{ state: 'off', to: '', everySeconds: 0, keep: 7, passphrase: 'missing' },
  ...{ warnings: [], history: [] },
};

export class MemoryBox implements Box {
  readonly passwordOf = new Map<string, string>();
  readonly addressList: AddressReport[] = [];
  readonly deviceList: DeviceReport[] = [];
  /** Who follows the events. */
  readonly listeners = new Set<(event: BoxEvent) => void>();
  /** What `mail send` handed in. */
  readonly letters: object[] = [];
  readonly #settings = new Map<string, string>([['log.level', 'info']]);
  readonly log = new LogRing(3);

  readonly accounts: Box['accounts'] = {
    add: async (name, password) => {
      if (this.passwordOf.has(name)) return failed(refusal('taken', `${name} is there already.`));
      this.passwordOf.set(name, password);
      return ok(undefined);
    },
    lossOf: async (name) =>
      this.passwordOf.has(name) ? ok(`Removing ${name} deletes 2 messages for good.`) : unknown,
    remove: async (name) => (this.passwordOf.delete(name) ? ok(undefined) : unknown),
    setPassword: async (name, password) => {
      if (!this.passwordOf.has(name)) return unknown;
      this.passwordOf.set(name, password);
      return ok(undefined);
    },
    unlock: async (name) => (this.passwordOf.has(name) ? ok(undefined) : unknown),
    passwords: {
      add: async (account, name) => ok({ account, name, password: 'kofi-mule-zero' }),
      list: async () => ok([{ name: 'main', createdAt: 0, usable: true, recoverable: false }]),
      revoke: async () => ok(undefined),
    },
    addresses: {
      add: async (account, address, kind, knownAs) => {
        const report = { account, address, kind, ...(knownAs ? { knownAs } : {}) };
        this.addressList.push(report);
        return ok(report);
      },
      forward: async (account, address, to) => {
        const report = { account, address, kind: 'forward', forwardTo: [to] } as const;
        this.addressList.push(report);
        return ok(report);
      },
      knownAs: async () => ok(undefined),
      remove: async () => ok(undefined),
      list: async (account) =>
        ok(this.addressList.filter((one) => account === undefined || one.account === account)),
    },
  };

  readonly joins: Box['joins'] = {
    tokenOf: (account) => (this.passwordOf.has(account) ? ok('token') : unknown),
    renew: async (account) => (this.passwordOf.has(account) ? ok('another') : unknown),
    accountOf: () => undefined,
  };

  readonly panel: Box['panel'] = {
    report: () => ({
      driver: 'simulated',
      lamps: [{ lamp: 'mail', pattern: 'on', say: 'There is mail.' }],
    }),
    press: async (held) => ok(`pressed for ${held} ms`),
    watch: () => ({ [Symbol.dispose]: () => {} }),
    watchPresses: () => ({ [Symbol.dispose]: () => {} }),
  };
  readonly events: Box['events'] = {
    now: async () => [{ event: 'lamps', lamps: [] }],
    follow: (tell) => {
      tell({ event: 'lamps', lamps: [] });
      this.listeners.add(tell);
      return { [Symbol.dispose]: () => void this.listeners.delete(tell) };
    },
  };
  readonly queue = memoryQueue();
  readonly uplinks = memoryUplinks();
  readonly sources = memorySources();
  readonly providers: Box['providers'] = {
    list: () => [],
    connect: async ({ account }) => ok({ account, done: true, steps: [] }),
    certificates: (pem) =>
      pem.includes('CERTIFICATE')
        ? ok([{ name: 'Bridge', issuer: 'Bridge', fingerprint: 'AB:CD', until: 4_000_000_000_000 }])
        : failed(refusal('bad-certificate', 'This is no certificate')),
  };

  readonly mail: Box['mail'] = {
    list: async (account, after, count) =>
      account === 'nobody' ? unknown : ok(after === '' ? memoryMail.slice(0, count) : []),
    cursor: async () => ok('g.2'),
    async message(id) {
      if (id === 'g.9') return failed(refusal('unknown', 'No such message.'));
      const octets = Buffer.from('Subject: hello\r\n\r\nHello\r\n');
      async function* pieces() {
        yield ok(octets.subarray(0, 9));
        // One that is damaged is not handed over whole.
        if (id === 'g.8') yield failed(trouble('damaged', 'This message is damaged.', ''));
        else yield ok(octets.subarray(9));
      }
      return ok({ type: 'message/rfc822', octets: octets.length, pieces: pieces() });
    },
    send: async (letter) => {
      this.letters.push(letter);
      return ok({ id: 'a1', recipients: letter.to });
    },
    submit: async (envelope, octets) => {
      const pieces = [];
      for await (const piece of octets) {
        if (!piece.ok) return piece;
        pieces.push(piece.value);
      }
      this.letters.push({ ...envelope, octets: Buffer.concat(pieces) });
      return ok({ id: 'a2', recipients: envelope.to });
    },
  };

  readonly shelf: Box['shelf'] = {
    list: async () => ok([]),
    restore: async (_account, ids) => ok({ restored: ids === 'all' ? 0 : ids.length }),
  };

  readonly devices: Box['devices'] = {
    add: async ({ from = 'ann@restante.local', perHour = 100, ...wanted }) => {
      const device = { ...wanted, from, perHour, sentThisHour: 0 };
      this.deviceList.push(device);
      return ok({ device, newAddress: false, server: 'box', ports: [25], loopbackOnly: false });
    },
    list: () => this.deviceList,
    remove: async () => ok(undefined),
  };

  ownerPassword = '';
  staysBecause: string | undefined;

  readonly owner: Box['owner'] = {
    setPassword: async (password) => {
      this.ownerPassword = password;
      return ok(undefined);
    },
    openSetUp: async () =>
      ok({ links: ['https://localhost:8443/setup?code=abcd-efgh'], code: 'abcd-efgh', until: 0 }),
  };
  readonly web: Box['web'] = {
    report: () => ({
      ...{ owner: 'none', sessions: 0, setUp: 'closed' },
      addresses: ['https://restante.local/'],
    }),
  };
  readonly flows: Box['flows'] = {
    report: () => ({
      ...{ run: 'demand', state: 'stopped' },
      ...(this.staysBecause === undefined ? {} : { stays: this.staysBecause }),
    }),
    stay: async (why) => {
      this.staysBecause = why;
      return ok(this.flows.report());
    },
  };

  readonly settings: Box['settings'] = {
    list: () => [...this.#settings.keys()].map((name) => this.#setting(name)),
    get: (name) =>
      this.#settings.has(name)
        ? ok(this.#setting(name))
        : failed(refusal('unknown-setting', `There is no setting ${name}.`)),
    set: async (name, value) => {
      this.#settings.set(name, value);
      return ok({ name, value, takes: 'live' });
    },
    unset: async (name) => ok({ name, value: 'info', takes: 'restart' }),
  };

  readonly maintenance: Box['maintenance'] = {
    backup: async (file) => ok({ file, messages: 2, accounts: 1, octets: 2048, files: 3 }),
    lossByRestore: async () => undefined,
    restore: async () => ok({ messages: 2, restarts: true }),
    verify: async () => ok({ sound: true, messages: 2, octets: 2048, findings: [] }),
  };

  readonly backups: Box['backups'] = {
    status: async () => ok(memoryBackups),
    now: async (tell) => {
      tell?.({ stage: 'copying' });
      return ok({ at: 0, works: true, rehearsed: true, say: 'All went well.', file: 'a.backup' });
    },
    schedule: async () => ok(memoryBackups),
    setPassphrase: async () => ok(undefined),
  };

  status = async (): Promise<StatusReport> => ({
    version: '0.1.0',
    name: 'restante.local',
    process: 1,
    dataDirectory: '/data',
    startedAt: 0,
    uptimeSeconds: 3700,
    listeners: [{ name: 'pop3s', address: '::1', port: 2995, security: 'tls' }],
    certificate: { say: 'Good.', caFingerprint: 'AA:BB', caFile: '/data/ca.pem', validUntil: 0 },
    accounts: [...this.passwordOf.keys()].map((name) => ({
      name,
      addresses: [],
      messages: 1,
      octets: 1536,
      unretrieved: 1,
      recoverable: [],
    })),
    store: { takesMail: true, serves: true, room: 5_000_000_000 },
    queue: {
      ...{ messages: 2, recipients: 3, octets: 2048, sending: 0, withoutUplink: 0 },
      ...{ oldestAt: 0, nextAt: 3_600_000, held: true, flushing: false },
    },
    uplinks: [],
    sources: [],
    web: this.web.report(),
    flows: this.flows.report(),
    discovery: { state: 'closed', name: 'restante.local', services: [], networks: [] },
    clock: { sane: true, say: 'The clock is right.' },
    memory: { resident: 50_000_000 },
    warnings: ['The certificate ends soon.'],
  });

  mailClientFacts: Box['mailClientFacts'] = (account) => ({
    server: 'restante.local',
    login: account.toLowerCase(),
    address: `${account.toLowerCase()}@restante.local`,
    incoming: [{ name: 'pop3s', address: '::1', port: 2995, security: 'tls' }],
    outgoing: [{ name: 'submission', address: '::1', port: 2587, security: 'starttls' }],
    caFile: '/data/ca.pem',
    caFingerprint: 'AA:BB',
    loopbackOnly: true,
  });

  #setting(name: string): SettingReport {
    const value = this.#settings.get(name) ?? '';
    const sentence = 'How much the log says.';
    const form = { default: 'info', kind: 'choice', choices: ['info', 'debug'], hint: '' } as const;
    return { name, value, source: 'default', applies: 'live', unit: '', sentence, ...form };
  }
}
