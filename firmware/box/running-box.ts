/*
 * The running box as the control door sees it: main's parts behind the ports that control
 * declares. It asks and puts together; every rule lives in the parts. Each book stands in a file of
 * its own beside this one.
 */
import { join } from 'node:path';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { ok } from '#base/result';
import type { Collector } from '#collector/collector';
import type {
  AccountBook,
  BackupBook,
  Box,
  DeviceBook,
  EventBook,
  FlowsBook,
  JoinBook,
  LogBook,
  MailBook,
  Maintenance,
  OwnerBook,
  PanelBook,
  ProviderBook,
  QueueBook,
  SettingsTable,
  ShelfBook,
  SourceBook,
  UplinkBook,
  WebBook,
} from '#control/box';
import type { AccountReport, ListenerReport, MailClientFacts, StatusReport } from '#control/types';
import type { Build } from '#machine/build';
import { commandWords } from '#machine/command-words';
import type { Doorkeeper } from '#mail/accounts/doorkeeper';
import type { Household } from '#mail/accounts/household';
import type { AccountView } from '#mail/accounts/residents';
import type { Arrivals } from '#mail/arrivals/arrivals';
import type { Backups } from '#mail/backups/backups';
import type { Devices } from '#mail/devices/devices';
import type { FailingSenders } from '#mail/devices/failing-senders';
import type { Intake } from '#mail/intake';
import type { Shelf } from '#mail/store/shelf';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import type { Store } from '#mail/store/store';
import type { Discovery } from '#net/discovery/discovery';
import type { Endpoint } from '#net/listener';
import type { Certificates } from '#net/tls/certificates';
import type { LiveSettings } from '#settings/settings';
import { otherwise, serverFor } from '#web/profiles/offer';
import { accountBook, addressesOf } from './account-book.ts';
import { backupBook } from './backup-book.ts';
import { deviceBook } from './device-book.ts';
import { Events, type Watched } from './events.ts';
import { houseNames, isLoopback } from './house-names.ts';
import { obstacleToListening } from './listening-trial.ts';
import { mailBook } from './mail-book.ts';
import type { PagesBook } from './pages-book.ts';
import { collectingHalf, providerBook } from './provider-book.ts';
import { queueBook } from './queue-book.ts';
import { settingsTable } from './settings-table.ts';
import { shelfBook } from './shelf-book.ts';
import {
  endingSignIns,
  type SourceParts,
  sourceBook,
  sourceReports,
  sourceTroubles,
  sourceWarnings,
} from './source-book.ts';
import { uplinkBook } from './uplink-book.ts';
import { type WayOutParts, wayOutReport, wayOutWarnings } from './way-out-report.ts';

export interface RunningParts extends WayOutParts, SourceParts {
  readonly household: Household;
  readonly panel: PanelBook;
  readonly build: Build;
  readonly clock: Clock;
  readonly log: Log;
  readonly data: string;
  readonly settings: LiveSettings;
  readonly doorkeeper: Doorkeeper;
  readonly joins: JoinBook;
  readonly devices: Devices;
  readonly failingSenders: FailingSenders;
  readonly store: Store & Watched & Pick<SqliteStore, 'sweep' | 'unretrieved'>;
  readonly arrivals: Arrivals;
  readonly collector: Pick<Collector, 'watch'>;
  readonly intake: Intake;
  readonly random: Random;
  readonly shelf: Shelf;
  readonly certificates: Certificates;
  readonly listeners: readonly ListenerReport[];
  readonly discovery: Pick<Discovery, 'report'>;
  readonly recentLines: LogBook;
  readonly maintenance: Maintenance;
  readonly scheduledBackups: Backups;
  readonly pages: PagesBook;
}

export class RunningBox implements Box {
  readonly accounts: AccountBook;
  readonly joins: JoinBook;
  readonly devices: DeviceBook;
  readonly panel: PanelBook;
  readonly events: EventBook;
  readonly queue: QueueBook;
  readonly uplinks: UplinkBook;
  readonly sources: SourceBook;
  readonly providers: ProviderBook;
  readonly mail: MailBook;
  readonly shelf: ShelfBook;
  readonly settings: SettingsTable;
  readonly owner: OwnerBook;
  readonly log: LogBook;
  readonly maintenance: Maintenance;
  readonly backups: BackupBook;
  readonly flows: FlowsBook;
  readonly web: WebBook;
  readonly #parts: RunningParts;
  readonly #startedAt: number;
  readonly #startedElapsed: number;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    this.#startedElapsed = parts.clock.elapsed();
    this.log = parts.recentLines;
    this.maintenance = parts.maintenance;
    this.accounts = accountBook(parts);
    this.joins = parts.joins;
    const facts = (account: string) => this.mailClientFacts(account);
    this.devices = deviceBook(parts, facts);
    this.panel = parts.panel;
    const { store, dispatcher, times, clockSense } = parts;
    this.events = new Events({
      ...parts,
      wayOut: async () => ok(await wayOutReport(parts)),
      others: () => sourceTroubles(parts),
      storeHealth: () => store.health(),
      watched: [store, dispatcher, times, clockSense, parts.collector, parts.sources],
    });
    this.queue = queueBook(parts);
    this.uplinks = uplinkBook(parts);
    this.sources = sourceBook(parts);
    const { addresses } = this.accounts;
    const collecting = collectingHalf(this.sources);
    this.providers = providerBook({ ...parts, addresses, uplinks: this.uplinks, collecting });
    this.mail = mailBook({
      ...parts,
      hostName: () => parts.settings.current['host.name'],
      limits: () => ({
        octets: parts.settings.current['mail.maxOctets'],
        recipients: parts.settings.current['smtp.maxRecipients'],
      }),
    });
    this.shelf = shelfBook(parts.household, parts.shelf);
    this.settings = settingsTable(parts.settings, (name, text) =>
      obstacleToListening(name, text, parts.settings.current, parts.log),
    );
    const { owner, flows, web } = parts.pages;
    this.owner = owner;
    this.flows = flows;
    this.web = web;
    this.backups = backupBook({ backups: parts.scheduledBackups, ...parts });
  }

  async status(): Promise<StatusReport> {
    const { build, clock, data, settings, certificates, store, listeners } = this.#parts;
    const health = store.health();
    const wayOut = await wayOutReport(this.#parts);
    const sources = await sourceReports(this.#parts);
    return {
      version: build.version,
      name: settings.current['host.name'],
      process: process.pid,
      dataDirectory: data,
      startedAt: this.#startedAt,
      uptimeSeconds: Math.round((clock.elapsed() - this.#startedElapsed) / 1000),
      listeners,
      certificate: {
        say: certificates.say,
        validUntil: certificates.notAfter ?? 0,
        caFingerprint: certificates.fingerprint ?? '',
        caFile: this.#caFile,
      },
      accounts: await this.#accounts(),
      store: health,
      ...wayOut,
      sources: sources.ok ? sources.value : [],
      memory: { resident: process.memoryUsage.rss() },
      flows: this.flows.report(),
      web: this.web.report(),
      discovery: this.#parts.discovery.report,
      warnings: [
        ...this.#warnings(),
        ...wayOutWarnings(wayOut),
        ...(sources.ok ? sourceWarnings(sources.value) : []),
        ...endingSignIns(this.#parts),
      ],
    };
  }

  mailClientFacts(login: string): MailClientFacts {
    const { settings, certificates, listeners, household } = this.#parts;
    const named = (...names: string[]) =>
      names
        .map((name) => listeners.find((listener) => listener.name === name))
        .filter((listener) => listener !== undefined);
    const account = household.byLogin(login)?.record.name ?? login;
    const loopbackOnly = settings.current['listen.host'].every(isLoopback);
    const names = houseNames(this.#parts);
    const server = loopbackOnly ? names.address : serverFor(undefined, names);
    const address = otherwise(server, names);
    return {
      server,
      ...(address === undefined ? {} : { otherwise: address }),
      login: account,
      address: `${account}@${settings.current['mail.domains'][0] ?? settings.current['host.name']}`,
      incoming: named('pop3s', 'pop3'),
      outgoing: named('submissions', 'submission'),
      caFile: this.#caFile,
      caFingerprint: certificates.fingerprint ?? '',
      loopbackOnly,
    };
  }

  /** What a person at the terminal should know when the box is ready. */
  welcome(): string[] {
    const { certificates, listeners, household } = this.#parts;
    const lines = byName(listeners).map(
      ([{ name, port, security }, addresses]) =>
        `Listening for ${name} on port ${port} (${securityInWords[security]}) of ${addresses}`,
    );
    if (certificates.fingerprint !== undefined) {
      lines.push(`The CA to trust is ${this.#caFile}, SHA-256 ${certificates.fingerprint}`);
    }
    if (household.list().length === 0) {
      lines.push(
        `There is no account yet. Make one with: ${commandWords(this.#parts.data, 'account add NAME')}`,
      );
    }
    return lines;
  }

  get #caFile(): string {
    return join(this.#parts.data, 'tls', 'ca.pem');
  }

  async #accounts(): Promise<AccountReport[]> {
    const { household, store } = this.#parts;
    const counts = await store.unretrieved();
    const views = household.list();
    return Promise.all(
      views.map((one) => this.#account(one, counts.ok ? counts.value.get(one.id) : undefined)),
    );
  }

  /** `unretrieved`: undefined when the store cannot tell. */
  async #account(view: AccountView, unretrieved: number | undefined): Promise<AccountReport> {
    const inbox = await this.#parts.store.inbox(view.id);
    const own = view.passwords.filter(({ recoverable }) => recoverable);
    const who = {
      name: view.name,
      addresses: addressesOf(view),
      recoverable: own.map(({ name }) => name),
    };
    if (!inbox.ok || unretrieved === undefined) {
      return { ...who, messages: 0, octets: 0, unretrieved: 0, unread: true };
    }
    const { messages, octets } = inbox.value;
    return { ...who, messages, octets, unretrieved };
  }

  #warnings(): string[] {
    const { settings, store, doorkeeper, certificates, failingSenders } = this.#parts;
    const health = store.health();
    const waiting = settings.awaitingRestart;
    const { 'auth.plaintext': plaintext, 'listen.host': hosts } = settings.current;
    const { 'mail.catchAll': catchAll, 'tls.certificate': certificate } = settings.current;
    const misspelt = catchAll !== '' && this.#parts.household.byLogin(catchAll) === undefined;
    const halfPair = (certificate === '') !== (settings.current['tls.key'] === '');
    const readable = plaintext === 'always' && !hosts.every(isLoopback);
    return [
      ...(health.say === undefined ? [] : [health.say]),
      ...(certificates.fingerprint === undefined
        ? ["The key of the box's own CA is lost: its certificate cannot be renewed."]
        : []),
      ...(waiting.length === 0
        ? []
        : [`Changed, but in use from the next start: ${waiting.join(', ')}.`]),
      ...(misspelt ? [`mail.catchAll names ${catchAll}, and nobody here is called so.`] : []),
      ...(halfPair
        ? ['tls.certificate and tls.key work together, and one is missing: the box serves its own.']
        : []),
      ...(readable ? ['auth.plaintext is always: others on the network can read passwords.'] : []),
      ...this.#panelTrouble(),
      ...doorkeeper.worries().map(({ say }) => say),
      ...failingSenders.worries(),
      ...this.#parts.pages.worries(),
      ...this.#notFound(),
      ...this.#parts.scheduledBackups.standing().warnings,
    ];
  }

  #panelTrouble(): string[] {
    const { trouble } = this.panel.report();
    return trouble === undefined ? [] : [`The front panel does not work: ${trouble}`];
  }

  #notFound(): string[] {
    const { say } = this.#parts.discovery.report;
    return say === undefined ? [] : [say];
  }
}

const securityInWords = { tls: 'TLS', starttls: 'STARTTLS', none: 'plain' } as const;

/** Each listener once, with its addresses. */
function byName(listeners: readonly ListenerReport[]): [ListenerReport, string][] {
  const groups = Map.groupBy(listeners, ({ name }) => name);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const addresses = group.map(({ address }) => address).join(' and ');
    return first === undefined ? [] : [[first, addresses] satisfies [ListenerReport, string]];
  });
}

/** What a listener with this plan and these endpoints is called and how it is secured. */
export function listenerReports(
  setting: string,
  security: ListenerReport['security'],
  endpoints: readonly Endpoint[],
): ListenerReport[] {
  const name = setting.replace(/\.port$/, '');
  return endpoints.map(({ address, port }) => ({ name, address, port, security }));
}
