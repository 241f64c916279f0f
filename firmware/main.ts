/*
 * Power on. This file reads like a boot log: each part is made from its slice of the settings and
 * the parts before it, and started; then the box is ready. Powering off runs the same list
 * backwards, which is what AsyncDisposableStack does by itself. Nothing else constructs parts, but
 * boot/, whose files are pages of this log.
 *
 * Exit status: 0 after a clean power-off, 1 when the box cannot start or meets a defect, 2 when
 * its arguments make no sense, 10 after a clean power-off by the button: then whoever started the
 * box switches the machine off (hardware/system/restante.service).
 */
import { join } from 'node:path';
import { type Clock, SystemClock } from '#base/clock';
import { GatheredStream } from '#base/gathered-stream';
import { Log, type Sink } from '#base/log';
import { logOutput } from '#base/log-output';
import { SystemRandom } from '#base/random';
import { Seal } from '#base/seal';
import { makeBackups, openBackups } from '#boot/backups';
import { openConsole, openPanel } from '#boot/face';
import * as slice from '#boot/slices';
import { openWayIn } from '#boot/way-in';
import { openWayOut } from '#boot/way-out';
import { openOwner, openWeb } from '#boot/web-pages';
import { etrnFlush } from '#box/etrn-flush';
import { flushBySignal } from '#box/flush-signal';
import { houseFlush } from '#box/house-flush';
import { PanelState } from '#box/panel-state';
import { listenerReports, RunningBox } from '#box/running-box';
import { Door } from '#control/door';
import { LogRing } from '#control/log-ring';
import { controlSocketPath } from '#control/socket-path';
import type { ListenerReport } from '#control/types';
import { verbs } from '#control/verbs/table';
import { sentence } from '#control/words';
import { LastLine } from '#hardware/simulator/last-line';
import { readArguments, usage, type Wishes } from '#machine/arguments';
import { readBuild } from '#machine/build';
import { CannotStart, must, mustBeRight } from '#machine/cannot-start';
import { dataDirectory, prepareDataDirectory } from '#machine/data-directory';
import { KeptNameFile } from '#machine/kept-name';
import { DirectoryMaintenance } from '#machine/maintenance';
import { powerSwitch } from '#machine/power-switch';
import { deviceKey } from '#machine/secret-key';
import { Derivations } from '#mail/accounts/derivations';
import { Doorkeeper } from '#mail/accounts/doorkeeper';
import { Household } from '#mail/accounts/household';
import { JoinLinks } from '#mail/accounts/join-links';
import { SqliteAccountRecords } from '#mail/accounts/sqlite/sqlite-account-records';
import { SqliteFailedSignIns } from '#mail/accounts/sqlite/sqlite-failed-sign-ins';
import { SqliteJoinRecords } from '#mail/accounts/sqlite/sqlite-join-records';
import { Tally } from '#mail/accounts/tally';
import { SqliteArrivals } from '#mail/arrivals/sqlite/sqlite-arrivals';
import { Devices } from '#mail/devices/devices';
import { FailingSenders } from '#mail/devices/failing-senders';
import { SqliteDeviceRecords } from '#mail/devices/sqlite/sqlite-device-records';
import { KeyedForwardMark } from '#mail/forward-mark';
import { SqliteHistory } from '#mail/history/sqlite/sqlite-history';
import { LocalIntake } from '#mail/local-intake';
import { LocalNotices } from '#mail/local-notices';
import { StoreMaildrops } from '#mail/maildrop/store-maildrops';
import { holdLock } from '#mail/store/sqlite/lock';
import { finishRestore } from '#mail/store/sqlite/restore';
import { SqliteShelf } from '#mail/store/sqlite/sqlite-shelf';
import { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import { calledInTurn } from '#net/discovery/called';
import { Discovery } from '#net/discovery/discovery';
import { Admission } from '#net/limits';
import { Network } from '#net/network';
import { placeOf } from '#net/peer';
import { Certificates } from '#net/tls/certificates';
import { Storm } from '#panel/storm';
import { Pop3 } from '#protocol/pop3/pop3';
import { Smtp } from '#protocol/smtp/smtp';
import { loadSettings } from '#settings/settings';

process.umask(0o077);
process.exit(await main(process.argv.slice(2)));

async function main(words: readonly string[]): Promise<number> {
  const wishes = readArguments(words);
  if (!wishes.ok) return complain(wishes.error.say, 2);
  if (wishes.value.help) return say(usage());
  if (wishes.value.version) return say((await readBuild()).version);
  const clock = new SystemClock();
  const off = powerSwitch(clock);
  try {
    let end: End;
    do end = await run(wishes.value, clock, off);
    while (end === 'again');
    return end === 'machine off' ? 10 : 0;
  } catch (error) {
    if (error instanceof CannotStart) return complain(error.message, 1);
    throw error;
  }
}

type End = 'off' | 'machine off' | 'again';

/** Powers on, waits for the switch (or a restored backup), powers off. */
async function run(wishes: Wishes, clock: Clock, off: Promise<string>): Promise<End> {
  const random = new SystemRandom();
  await using parts = new AsyncDisposableStack();

  const data = dataDirectory(wishes.data, process.env);
  must(await prepareDataDirectory(data));
  parts.use(must(await holdLock(data)));
  const restored = await finishRestore(data);

  const settings = mustBeRight(await loadSettings(data, wishes.set));
  const recentLines = new LogRing();
  const line = new LastLine(process.stdout, () => process.stdout.columns);
  const gathered = new GatheredStream(line);
  process.once('exit', () => gathered.flush());
  const output = logOutput(gathered, settings.current['log.format'], process.env);
  const storm = new Storm(clock, () => state?.changed());
  let state: PanelState | undefined;
  const sinks = [output, recentLines.sink, storm.sink];
  const log = new Log(all(sinks), clock, () => settings.current['log.level']);
  parts.use(catchDefects(log));
  parts.defer(() => log.info('Off'));
  const build = await readBuild();
  log.info(`Restante ${build.version} powers on`, { data, process: process.pid });
  if (restored) log.info('A backup was restored; this box goes on from it');

  const seal = new Seal(must(await deviceKey(data, random)));
  const hostName = () => settings.current['host.name'];
  const keptName = new KeptNameFile(data, log.of('discovery'));
  await keptName.start();
  const certificates = new Certificates({
    folder: join(data, 'tls'),
    seal,
    clock,
    random,
    log,
    built: build.builtAt,
    names: () => slice.certificateNames(settings.current),
    foundAs: () => keptName.nameOf(hostName()),
    foreseen: () => calledInTurn(hostName()),
    owner: () => slice.ownerFiles(settings.current),
  });
  parts.use(keptName.watch(() => void certificates.look()));
  parts.defer(() => certificates.stop());
  // Making the first certificates takes a while; the store opens meanwhile.
  const certified = certificates.start();

  const store = must(
    await SqliteStore.open(data, { clock, random, log: log.of('store') }, () =>
      slice.storeSlice(settings.current, build.builtAt),
    ),
  );
  parts.defer(() => store.close());

  const derivations = new Derivations();
  const records = new SqliteAccountRecords(store.database, clock);
  const household = new Household(
    { records, derivations, seal, random, clock },
    slice.householdSlice(settings.current),
  );
  await household.start();
  const joins = new JoinLinks({
    records: new SqliteJoinRecords(store.database),
    accounts: () => household.list(),
    byLogin: (login) => household.byLogin(login)?.record,
    key: seal.derive('join links'),
  });
  await joins.start();
  const tally = new Tally(new SqliteFailedSignIns(store.database));
  const doorkeeper = new Doorkeeper({
    household,
    tally,
    derivations,
    seal,
    random,
    clock,
    log,
  });
  await doorkeeper.start();
  parts.defer(() => doorkeeper.stop());

  const { owner, setUp } = await openOwner({
    ...{ store, derivations, tally, doorkeeper, seal, random, clock, log },
  });

  const deviceRecords = new SqliteDeviceRecords(store.database);
  const devices = new Devices({ records: deviceRecords, household, clock, placeOf });
  await devices.start();
  const failingSenders = new FailingSenders(clock, (address) => devices.at(address));

  const history = new SqliteHistory(store.database, store.historyLines);
  const notices = new LocalNotices({
    ...{ store, directory: household, history, clock, random, hostName },
    log: log.of('notices'),
  });

  const wayOut = await openWayOut(
    { settings, build, clock, random, log, seal, store, household, history, notices },
    parts,
  );
  const { clockSense, queue, times, uplinks, dispatcher } = wayOut;
  const wayIn = openWayIn(
    { ...wayOut, settings, clock, random, log, store, household, notices },
    parts,
  );
  const { collector } = wayIn;
  const everything = houseFlush({ dispatcher, collector });

  const button = Promise.withResolvers<string>();
  const scheduledBackups = makeBackups({
    ...{ settings, data, clock, random, seal, store, notices, log },
    clockIsSane: wayOut.clockIsSane,
  });
  state = new PanelState({
    ...{ ...wayOut, collector, store, household, storm, setUp, clock },
    backups: scheduledBackups,
  });
  await state.start();
  parts.defer(() => state?.stop());
  const discovery = new Discovery({
    ...{ clock, random, log, hostName, kept: keptName },
    isOn: () => settings.current.discovery === 'on',
  });
  const panel = await openPanel(
    {
      ...{ ...wayOut, everything, settings, data, clock, log, state, history, line, owner, setUp },
      discovery,
      shutDown: button.resolve,
    },
    parts,
  );

  const hasCertificate = () => certificates.notAfter !== undefined;
  const hasSecrets = () => household.mostSecrets > 0;
  const intake = new LocalIntake({
    directory: household,
    devices,
    failingSenders,
    store,
    clock,
    random,
    hostName,
    uplinks,
    queueTime: times,
    forwardMark: new KeyedForwardMark(seal.derive('forward mark'), random),
    queued: () => wayOut.queued(),
  });
  const flush = etrnFlush(queue, dispatcher, log.of('queue'));
  const smtp = (name: string, role: 'relay' | 'submission') =>
    new Smtp(name, {
      intake,
      signIn: doorkeeper,
      random,
      log,
      flush,
      terms: () => slice.smtpTerms(settings.current, role, hasCertificate(), hasSecrets()),
    });
  const maildrops = new StoreMaildrops(store, history, clock, () =>
    slice.maildropSlice(settings.current),
  );
  const pop3 = new Pop3({
    signIn: doorkeeper,
    directory: household,
    maildrops,
    random,
    log: log.of('pop3'),
    settings: () => slice.pop3Slice(settings.current, hasCertificate(), hasSecrets()),
  });

  await dispatcher.start();
  parts.defer(() => dispatcher.stop());
  parts.use(clockSense.watch(() => dispatcher.wake()));
  parts.use(flushBySignal(everything, log.of('queue')));

  must(await certified);
  certificates.allowOldTls(devices);
  const admission = new Admission(slice.connectionSlice(settings.current), clock);
  const network = new Network({ clock, log, random, admission, tls: certificates });
  parts.defer(() => network.stop());
  const plans = slice.listenerPlans(settings.current, {
    smtp: smtp('smtp', 'relay'),
    submission: smtp('submission', 'submission'),
    submissions: smtp('submissions', 'submission'),
    pop3,
  });
  const listeners: ListenerReport[] = [];
  const obstacles = new Set<string>();
  for (const plan of plans) {
    const opened = await network.listen(plan);
    const security = plan.implicitTls ? 'tls' : 'starttls';
    if (opened.ok) listeners.push(...listenerReports(plan.setting, security, opened.value));
    else obstacles.add(opened.error.say);
  }
  if (obstacles.size > 0) throw new CannotStart([...obstacles].join('\n'));
  const pages = await openWeb(
    { settings, data, clock, random, log, certificates, owner, setUp, state, discovery, listeners },
    parts,
  );

  settings.watch(() => {
    household.useSettings(slice.householdSlice(settings.current));
    admission.change(slice.connectionSlice(settings.current));
    void certificates.look();
    void discovery.look();
    store.sweep();
    dispatcher.wake();
    state?.changed();
  });

  const restoring = Promise.withResolvers<void>();
  const restart = restoring.resolve;
  const maintenance = new DirectoryMaintenance({ data, clock, random, restart });
  const box = new RunningBox({
    build,
    clock,
    log: log.of('control'),
    data,
    settings,
    household,
    doorkeeper,
    joins,
    devices,
    failingSenders,
    store,
    shelf: new SqliteShelf(store.database),
    arrivals: new SqliteArrivals(store.database),
    intake,
    random,
    certificates,
    listeners,
    discovery,
    recentLines,
    maintenance,
    scheduledBackups,
    history,
    panel,
    pages,
    ...wayOut,
    ...wayIn,
    everything,
  });
  await openBackups(scheduledBackups, { settings, clockSense }, parts);

  const door = new Door(controlSocketPath(data), verbs, box, clock, log.of('control'));
  await door.start();
  parts.defer(() => door.stop());

  listeners.push(...(await pages.open(box)));
  discovery.start(listeners);
  // Before anything of it stops listening.
  parts.defer(() => discovery.stop());

  await openConsole(box, { settings, clock, log }, { household, doorkeeper }, parts);

  for (const sentence of [...box.welcome(), ...pages.welcome()]) log.info(sentence);
  state.ready();
  collector.start();
  log.info('Ready', { milliseconds: Math.round(clock.elapsed()) });
  if (process.env['NOTIFY_SOCKET'] !== undefined) (await import('#machine/ready')).tellReady(log);

  const end = await Promise.race([
    off.then((signal) => ({ next: 'off', why: signal }) as const),
    button.promise.then((why) => ({ next: 'machine off', why }) as const),
    restoring.promise.then(() => ({ next: 'again', why: 'a backup is being restored' }) as const),
  ]);
  log.info(`Powering off: ${end.why}`);
  return end.next;
}

function all(sinks: readonly Sink[]): Sink {
  return (line) => {
    for (const sink of sinks) sink(line);
  };
}

/** A defect that nobody caught may have left anything half done: better to begin anew. */
function catchDefects(log: Log): Disposable {
  const end = (defect: Error) => {
    log.error('A defect in Restante ends the box. Please report it.', { stack: defect.stack });
    process.exit(1);
  };
  process.on('uncaughtException', end);
  return { [Symbol.dispose]: () => process.off('uncaughtException', end) };
}

function say(text: string): number {
  process.stdout.write(`${text.trimEnd()}\n`);
  return 0;
}

function complain(text: string, status: number): number {
  process.stderr.write(`${sentence(text)}\n`);
  return status;
}
