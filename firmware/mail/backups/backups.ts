/*
 * Backups that make themselves: when one is due it is made (making.ts has how), and the oldest go.
 * The postmaster is told by local mail at once when one fails, and once a week that all is well.
 * When one is due stands in schedule.ts; what a backup is, in store/sqlite/.
 *
 * There is never more than one at a time. A power cut leaves a draft under another name, which the
 * next run removes; that one began is on disk before it begins, so that a box that dies of it does
 * not try again at every start.
 */
import { join } from 'node:path';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { failed, ok, type Result, refusal } from '#base/result';
import type { Seal } from '#base/seal';
import { Watchers } from '#base/watchers';
import type { Notices } from '../notices.ts';
import { failedRun, type MakingPorts, makeBackup, type Stage } from './making.ts';
import { ownScratch, scratchName } from './names.ts';
import { findPlace, removeFolder, tidy } from './place.ts';
import type { BackupRecords, BackupRun, BackupState } from './records.ts';
import {
  type BackupTerms,
  isOverdue,
  type NextStep,
  nextStep,
  type Standing,
  tellsFailed,
  tellsWell,
} from './schedule.ts';
import { failureNotice, successNotice } from './words.ts';

export interface BackupPorts extends MakingPorts {
  readonly records: BackupRecords;
  readonly seal: Seal;
  readonly notices: Pick<Notices, 'tell'>;
  readonly terms: () => BackupTerms;
  readonly clockIsSane: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** How it stands, for `backup status`. */
export interface BackupStanding {
  readonly step: NextStep;
  readonly passphrase: Standing['passphrase'];
  readonly running: Stage | undefined;
  readonly wellAt: number | undefined;
  /** What a person should look at, a sentence each. */
  readonly warnings: readonly string[];
}

/** The wall clock may be set, and settings changed by hand: looked at as often at least. */
const lookEvery = 600_000;
/** A box that has just started has other things to do. */
const firstLook = 60_000;
const purpose = 'backup passphrase';

export class Backups {
  readonly #ports: BackupPorts;
  readonly #mark: string;
  readonly #watchers = new Watchers();
  #state: BackupState = {};
  #last: Standing['last'] = 'well';
  #say = '';
  /** The folder, when it was found to be on the mail's own disk. */
  #sameDisk: string | undefined;
  #stage: Stage | undefined;
  #isRunning = false;
  /** A look by the schedule, and the backup that came of it. */
  #looking: Promise<void> | undefined;
  #alarm: Disposable | undefined;
  #isStopped = false;
  #since: number | undefined;

  constructor(ports: BackupPorts) {
    this.#ports = ports;
    this.#mark = ports.seal.derive('backup names').toString('hex', 0, 3);
  }

  async start(): Promise<void> {
    const { records, clock } = this.#ports;
    const loaded = await records.load();
    if (loaded.ok) this.#state = loaded.value;
    const runs = await records.runs();
    const last = runs.ok ? runs.value[0] : undefined;
    if (last?.works === false) [this.#last, this.#say] = ['failed', last.say];
    // It began and nothing is known of its end: the power went, or the box died of it.
    const cutOff = (this.#state.triedAt ?? 0) > (last?.at ?? 0);
    if (runs.ok && cutOff) [this.#last, this.#say] = ['failed', wasCutOff];
    this.#since = clock.now();
    await this.#clearScratch();
    this.#watchers.tell();
    this.#lookIn(firstLook);
  }

  /** One that is under way is left to its fate: its draft is removed by the next. */
  stop(): void {
    this.#isStopped = true;
    this.#alarm?.[Symbol.dispose]();
  }

  /** Resolves when the schedule has done what is due. */
  async settled(): Promise<void> {
    await this.#looking;
  }

  /** Whether those that were ordered do not come, by no fault that mends itself. A disk that was
   * taken away is none before a whole backup was missed. */
  get failing(): boolean {
    const { terms, clock } = this.#ports;
    const { to, every } = terms();
    if (to === '' || every === 0) return false;
    if (this.#passphrase() === undefined) return true;
    if (this.#last === 'missing')
      return isOverdue(this.#state.wellAt, this.#since, every, clock.now());
    return this.#last === 'failed' && this.#say !== '';
  }

  /** Calls when `failing` may have changed. */
  watch(changed: () => void): Disposable {
    return this.#watchers.add(changed);
  }

  /** Settings changed, or the clock became right. */
  look(): void {
    this.#watchers.tell();
    if (!this.#isStopped && !this.#isRunning && this.#alarm !== undefined) this.#lookIn(0);
  }

  /** Kept under the device key; on disk when it resolves. */
  async setPassphrase(passphrase: string): Promise<Result<void>> {
    if (passphrase === '') {
      return failed(refusal('bad-passphrase', 'A passphrase cannot be empty: it guards the keys'));
    }
    const sealed = this.#ports.seal.seal(purpose, Buffer.from(passphrase));
    const saved = await this.#ports.records.savePassphrase(sealed);
    if (!saved.ok) return saved;
    this.#state = { ...this.#state, passphrase: sealed };
    this.look();
    return ok(undefined);
  }

  standing(): BackupStanding {
    const { terms, clock, clockIsSane } = this.#ports;
    const standing = this.#standing();
    return {
      step: nextStep(terms(), standing, clock.now(), clockIsSane()),
      passphrase: standing.passphrase,
      running: this.#stage,
      wellAt: this.#state.wellAt,
      warnings: this.#warnings(),
    };
  }

  /** The last ones, newest first. */
  runs(): Promise<Result<readonly BackupRun[]>> {
    return this.#ports.records.runs();
  }

  /** Why nothing can be written there now, in a sentence; undefined: it can. A disk that was missed
   * and is there again is not missed any more: what is due is made now. */
  async placeFault(): Promise<string | undefined> {
    const { to } = this.#ports.terms();
    if (to === '') return undefined;
    const place = await findPlace(to, this.#ports.data, this.#wasOtherDisk);
    if (!place.ok) return place.error.say;
    if (this.#last === 'missing' && !this.#isRunning) {
      [this.#last, this.#say] = ['well', ''];
      this.look();
    }
    return undefined;
  }

  /** Makes one now, whatever the schedule says. A backup that fails is an answer. */
  async run(tell: (stage: Stage) => void = () => {}): Promise<Result<BackupRun>> {
    const { terms, clock } = this.#ports;
    if (this.#isRunning) return failed(refusal('busy', 'A backup is being made just now'));
    const passphrase = this.#passphrase();
    if (terms().to === '') {
      const say = 'Say first where backups go: restante backup schedule --to FOLDER';
      return failed(refusal('no-folder', say));
    }
    if (passphrase === undefined) return failed(refusal('no-passphrase', this.#noPassphrase));
    this.#isRunning = true;
    try {
      const at = clock.now();
      const run = await this.#run(passphrase, at, (stage) => {
        this.#stage = stage;
        tell(stage);
      });
      await this.#note(run);
      return ok(run);
    } finally {
      this.#isRunning = false;
      this.#stage = undefined;
      this.#lookIn(lookEvery);
      this.#watchers.tell();
    }
  }

  #lookIn(ms: number): void {
    this.#alarm?.[Symbol.dispose]();
    if (this.#isStopped) return;
    this.#alarm = this.#ports.clock.after(ms, () => {
      this.#lookIn(lookEvery);
      this.#looking ??= this.#lookNow().finally(() => {
        this.#looking = undefined;
      });
    });
  }

  async #lookNow(): Promise<void> {
    const { terms, clock, clockIsSane, log } = this.#ports;
    const step = nextStep(terms(), this.#standing(), clock.now(), clockIsSane());
    if (step.kind === 'needs-passphrase') await this.#missPassphrase();
    this.#watchers.tell();
    if (step.kind === 'wait') this.#lookIn(Math.min(lookEvery, step.until - clock.now()));
    if (step.kind !== 'now' || this.#isRunning || this.#isStopped) return;
    try {
      await this.run();
    } catch (bug) {
      const stack = bug instanceof Error ? bug.stack : String(bug);
      log.error('A backup met a fault in the program', { stack });
    }
  }

  /** One that was kept and cannot be read any more: nobody would notice that no backups come. */
  async #missPassphrase(): Promise<void> {
    const { clock } = this.#ports;
    const { passphrase, toldFailedAt } = this.#state;
    if (passphrase === undefined || !tellsFailed(toldFailedAt, clock.now())) return;
    this.#last = 'failed';
    await this.#note(failedRun(clock.now(), refusal('no-passphrase', this.#noPassphrase)));
  }

  async #run(passphrase: string, at: number, tell: (stage: Stage) => void): Promise<BackupRun> {
    const { terms, data } = this.#ports;
    const { to, keep } = terms();
    const place = await findPlace(to, data, this.#wasOtherDisk);
    if (!place.ok) {
      this.#last = place.error.code === 'missing' ? 'missing' : 'failed';
      return failedRun(at, place.error);
    }
    this.#last = 'failed';
    const begun = await this.#save({ ...this.#state, triedAt: at });
    if (!begun.ok) return failedRun(at, begun.error);
    const { folder, otherDisk } = place.value;
    this.#sameDisk = otherDisk ? undefined : to;
    await tidy(folder, this.#mark, keep);
    const order = { place: place.value, to, mark: this.#mark, passphrase, at, tell };
    const run = await makeBackup(this.#ports, order);
    if (!run.works) return run;
    // The old ones go only when the new one is known to be good.
    await tidy(folder, this.#mark, keep);
    this.#last = 'well';
    const { otherDiskFolder: _before, ...state } = this.#state;
    this.#state = { ...state, wellAt: at, ...(otherDisk ? { otherDiskFolder: to } : {}) };
    return run;
  }

  /** Into the log, the history, and a mail when one is due. */
  async #note(run: BackupRun): Promise<void> {
    if (this.#isStopped) return;
    const { log, notices, clock, terms } = this.#ports;
    this.#say = run.works ? '' : run.say;
    if (run.works) log.info(run.say, { file: run.file });
    else log.warn(run.say, { file: run.file });
    const now = clock.now();
    const { wellAt } = this.#state;
    const isMissing = this.#last === 'missing';
    if (isMissing) this.#state = { ...this.#state, triedAt: run.at };
    if (run.works && tellsWell(this.#state, now)) {
      const told = await notices.tell('postmaster', successNotice(run));
      if (told.ok) this.#state = { ...this.#state, toldWellAt: now };
    } else if (!run.works && tellsFailed(this.#state.toldFailedAt, now)) {
      // A disk that is not there is looked for again and again: that is neither mail nor history,
      // until a whole backup was missed.
      if (isMissing && !isOverdue(wellAt, this.#since, terms().every, now)) return;
      const told = await notices.tell('postmaster', failureNotice(run, wellAt));
      if (told.ok) this.#state = { ...this.#state, toldFailedAt: now };
    } else if (isMissing) return;
    const saved = await this.#save(this.#state, run);
    if (!saved.ok) log.warn(saved.error.say, { detail: saved.error.detail });
  }

  async #save(state: BackupState, run?: BackupRun) {
    this.#state = state;
    return this.#ports.records.save(state, run);
  }

  async #clearScratch(): Promise<void> {
    const { data, terms } = this.#ports;
    await removeFolder(ownScratch(data));
    if (terms().to === '') return;
    const place = await findPlace(terms().to, data, this.#wasOtherDisk);
    if (!place.ok) return;
    this.#sameDisk = place.value.otherDisk ? undefined : terms().to;
    await removeFolder(join(place.value.folder, scratchName(this.#mark)));
  }

  /** Who names another folder may mean one of this disk. */
  get #wasOtherDisk(): boolean {
    return this.#state.otherDiskFolder === this.#ports.terms().to;
  }

  get #noPassphrase(): string {
    return this.#state.passphrase === undefined ? unset : unreadable;
  }

  #passphrase(): string | undefined {
    const { passphrase } = this.#state;
    return passphrase && this.#ports.seal.open(purpose, passphrase)?.toString();
  }

  #standing(): Standing {
    const { passphrase, wellAt, triedAt } = this.#state;
    const missing = passphrase === undefined ? 'missing' : 'unreadable';
    return {
      passphrase: this.#passphrase() === undefined ? missing : 'set',
      ...(wellAt === undefined ? {} : { wellAt }),
      ...(triedAt === undefined ? {} : { triedAt }),
      last: this.#last,
    };
  }

  #warnings(): string[] {
    const { to, every } = this.#ports.terms();
    if (to === '' || every === 0) return [];
    const { passphrase } = this.#standing();
    return [
      ...(passphrase === 'set' ? [] : [this.#noPassphrase]),
      ...(this.#say === '' ? [] : [this.#say]),
      ...(this.#sameDisk === to
        ? [`${to} is on the same disk as the mail: a backup there does not survive that disk.`]
        : []),
    ];
  }
}

const wasCutOff = 'The last backup was cut off, as by a power cut; the box tries again.';
const unset = 'Backups have no passphrase yet; set one with: restante backup passphrase';
const unreadable =
  'The passphrase for backups cannot be read any more, for it was kept under another device key; ' +
  'set it again with: restante backup passphrase';
