/*
 * A page of the boot log in main.ts: the owner, the web ports, and Node-RED behind them. A box
 * without Node-RED, or without an owner, does all its work; only its pages say so.
 */
import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#base/clock';
import { writeDurably } from '#base/durable-file';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { Seal } from '#base/seal';
import { houseNames } from '#box/house-names';
import { hostsOf, pagesBook, setUpLinks } from '#box/pages-book';
import type { PanelState } from '#box/panel-state';
import { listenerReports } from '#box/running-box';
import type { Box } from '#control/box';
import type { ListenerReport } from '#control/types';
import { commandWords } from '#machine/command-words';
import { layOutFlows } from '#machine/owners-flows';
import type { Derivations } from '#mail/accounts/derivations';
import type { Doorkeeper } from '#mail/accounts/doorkeeper';
import type { Tally } from '#mail/accounts/tally';
import { OwnerPassword } from '#mail/owner/owner-password';
import { SqliteOwnerRecords } from '#mail/owner/sqlite/sqlite-owner-records';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import type { Discovery } from '#net/discovery/discovery';
import { Admission, memoryShare } from '#net/limits';
import type { Certificates } from '#net/tls/certificates';
import type { LiveSettings } from '#settings/settings';
import { ChildFlows } from '#web/flows/child-flows';
import { FlowsPower, type StayNote } from '#web/flows/flows-power';
import { takesConnections } from '#web/flows/reachable';
import { SystemdFlows } from '#web/flows/systemd-flows';
import { Gate, type GatePlan } from '#web/gate';
import { type AuthorityFacts, authorityRoutes } from '#web/light/authority';
import { type LiveSource, liveRoute } from '#web/light/live';
import { ownerRoutes } from '#web/light/owner-pages';
import { lookRoutes } from '#web/light/stylesheet';
import { profileRoutes } from '#web/profiles/routes';
import { Sessions } from '#web/sessions';
import { SetUpWindow } from '#web/set-up-window';
import { Visits } from '#web/visits';
import { openFlowsDoor } from './flows-door.ts';

export interface OwnerGround {
  readonly store: SqliteStore;
  readonly derivations: Derivations;
  readonly tally: Tally;
  readonly doorkeeper: Doorkeeper;
  readonly seal: Seal;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

export interface WebGround {
  readonly settings: LiveSettings;
  readonly data: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly certificates: Certificates;
  readonly owner: OwnerPassword;
  readonly setUp: SetUpWindow;
  readonly state: PanelState;
  readonly discovery: Discovery;
  /** What listens: mail's ports, and, once they are open, the web's. */
  readonly listeners: readonly ListenerReport[];
}

/** Browsers of a household have a handful of connections each. */
const webConnections = { total: 64, perPeer: 32, memory: memoryShare(0.4) };

/** Who owns the pages, and how somebody becomes it. */
export async function openOwner(ground: OwnerGround) {
  const { store, doorkeeper, clock, random, log } = ground;
  const owner = new OwnerPassword({
    ...ground,
    records: new SqliteOwnerRecords(store.database),
    counted: () => doorkeeper.saveSoon(),
    log: log.of('owner'),
  });
  await owner.start();
  return { owner, setUp: new SetUpWindow(clock, random) };
}

/** Everything but the listening: that begins by `open`, when there is a box to be shown. */
export async function openWeb(ground: WebGround, parts: AsyncDisposableStack) {
  const { settings, data, clock, random, log, certificates, owner, setUp, discovery } = ground;
  const webLog = log.of('web');
  const sessions = new Sessions(clock, random);
  // A new password: whoever was signed in signs in again, and no link from before sets another.
  const renewed = () => {
    sessions.endAll();
    setUp.close();
  };
  parts.use(owner.watch(renewed));
  parts.defer(() => sessions.endAll());
  parts.defer(() => setUp.close());

  const places = flowsPlaces(data, process.env);
  // A box that was killed has left it.
  if (places.marker !== undefined) {
    await unlink(places.marker).catch(() => {});
    await layOutFlows(data, places.marker);
  }
  const reachable = () => takesConnections(places.socket);
  const flowsLog = log.of('flows');
  const runner =
    places.marker === undefined
      ? new ChildFlows(places, clock, flowsLog)
      : new SystemdFlows({ ...places.ended, marker: places.marker, reachable }, clock);
  const power = new FlowsPower({
    ...{ runner, reachable, clock, log: flowsLog, note: stayNote(join(data, 'flows-stay')) },
    settings: () => ({
      run: settings.current['flows.run'],
      idle: settings.current['flows.idle'] * 1_000,
    }),
  });
  settings.watch(() => power.look());

  const command = (words: string) => commandWords(data, words);
  const book = pagesBook({ settings, discovery, owner, setUp, sessions, power });
  const isWanted = settings.current['webs.port'] !== 0;
  const notOpen: string[] = [];
  let securePort: number | undefined;
  const authority: AuthorityFacts = {
    certificate: () => certificates.authority,
    fingerprint: () => certificates.fingerprint,
    securePort: () => securePort,
  };
  /** The one to open it by stands first. While another machine has the box's name, it is reached by
   * the one that it took. */
  const names = () => {
    const [best = 'localhost'] = hostsOf({ settings, discovery });
    return [...new Set([best, ...certificates.names, discovery.called.text])];
  };
  return {
    ...book,
    worries: () => [...book.worries(), ...notOpen],
    /** Opens the ports; what listens where. */
    async open(box: Box): Promise<ListenerReport[]> {
      if (isWanted) {
        const path = places.control;
        await openFlowsDoor(box, { data, path, settings, clock, log: log.of('control') }, parts);
        await power.start();
        parts.defer(() => power.stop());
      }
      const gate = new Gate({
        ...{ sessions, flows: power, clock, log: webLog, words: { command } },
        visits: new Visits({
          admission: new Admission(webConnections, clock),
          context: () => certificates.context(nobody),
          ...{ clock, log: webLog },
        }),
        routes: [
          ...lookRoutes,
          ...authorityRoutes(authority),
          ...profileRoutes({
            ...{ authority, clock, listeners: () => ground.listeners },
            domains: () => settings.current['mail.domains'],
            accountOf: (token) => box.joins.accountOf(token),
            factsOf: (account) => box.mailClientFacts(account),
            names: () => houseNames(ground),
          }),
          ...ownerRoutes({ owner, sessions, setUp, command, wake: () => power.want() }),
          liveRoute(liveSource(box, ground.state, webLog), clock),
        ],
        passage: { socketPath: places.socket, clock },
        names,
        facts: () => ({
          owned: owner.state === 'set',
          run: settings.current['flows.run'],
          editor: settings.current['flows.editor'] === 'on',
        }),
      });
      parts.defer(() => gate.stop());
      parts.use(settings.watch(() => gate.look()));
      const reports: ListenerReport[] = [];
      for (const plan of gatePlans(settings)) {
        const opened = await gate.listen(plan);
        if (!opened.ok) {
          // Mail does not wait for its pages.
          notOpen.push(`There are no web pages on it: ${opened.error.say}`);
          webLog.warn(opened.error.say);
          continue;
        }
        if (plan.secure) securePort = plan.port;
        const security = plan.secure ? 'tls' : 'none';
        reports.push(...listenerReports(plan.setting, security, opened.value));
      }
      return reports;
    },
    /** For whoever starts a checkout and looks at its terminal: where to go on. */
    welcome(): readonly string[] {
      const onlyHere = settings.current['listen.host'].every(
        (host) => host !== '0.0.0.0' && host !== '::',
      );
      const isCheckout = settings.current.profile === 'checkout' && onlyHere;
      if (!isCheckout || securePort === undefined || owner.state !== 'none') return [];
      const { code } = setUp.openWithCode();
      return [`Set this box up in a browser: ${setUpLinks({ settings, discovery }, code)[0]}`];
    },
  };
}

/** Old TLS is for devices that send mail, never for a browser. */
const nobody = { session: '', address: '', place: 'far' } as const;

function gatePlans({ current }: LiveSettings): readonly GatePlan[] {
  const hosts = current['listen.host'];
  const plans = [
    { setting: 'web.port', port: current['web.port'], hosts, secure: false },
    { setting: 'webs.port', port: current['webs.port'], hosts, secure: true },
  ] as const;
  return plans.filter(({ port }) => port !== 0);
}

/**
 * Where Node-RED is reached and what it reaches. A checkout has all of it in the data directory. On
 * an appliance the unit says where: the marker that starts it (RESTANTE_FLOWS_WANTED), the note that
 * it leaves when it ends (RESTANTE_FLOWS_ENDED), the socket that it asks the box by, and the one on
 * which it listens.
 */
function flowsPlaces(data: string, environment: NodeJS.ProcessEnv) {
  const built = fileURLToPath(new URL('../../flows/start.js', import.meta.url));
  const note = environment['RESTANTE_FLOWS_ENDED'];
  return {
    program: environment['RESTANTE_FLOWS_PROGRAM'] ?? built,
    data: join(data, 'flows'),
    marker: environment['RESTANTE_FLOWS_WANTED'],
    ended: note === undefined ? {} : { note },
    socket: environment['RESTANTE_FLOWS_SOCKET'] ?? join(data, 'flows.sock'),
    control: environment['RESTANTE_FLOWS_CONTROL'] ?? join(data, 'flows-control.sock'),
  };
}

function stayNote(path: string): StayNote {
  return {
    read: () => readFile(path, 'utf8').catch(() => undefined),
    async write(why) {
      if (why !== undefined) await writeDurably(path, why.slice(0, 500));
      else await unlink(path).catch(() => {});
    },
  };
}

function liveSource(box: Box, state: PanelState, log: Log): LiveSource {
  return {
    async report() {
      try {
        const { queue, accounts } = await box.status();
        const counts = accounts.map(({ name, messages, unretrieved }) => {
          return { name, messages, unretrieved };
        });
        return { lamps: box.panel.report().lamps, queue, accounts: counts };
      } catch (bug) {
        const stack = bug instanceof Error ? bug.stack : String(bug);
        log.error('The state of the box could not be told to a page', { stack });
        return undefined;
      }
    },
    watch: (changed) => {
      const watching = [state.watch(changed), box.panel.watch(changed)];
      return {
        [Symbol.dispose]: () => {
          for (const one of watching) one[Symbol.dispose]();
        },
      };
    },
  };
}
