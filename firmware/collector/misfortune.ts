/*
 * When a visit to a source ends badly: when to come again (manners.ts), or that a person is needed;
 * and telling that person, once. What is to last over a restart is told to the registry.
 */
import { unreachable } from '#base/result';
import type { Source } from '#mail/sources/sources';
import type { AttendedSource, Trouble } from './attended-source.ts';
import type { CollectorPorts } from './collector.ts';
import { explain } from './explain.ts';
import { afterRefusal, afterTrouble, type Coming, stepOf } from './manners.ts';
import { aboutSource } from './source-test.ts';
import { stoppedNotice } from './stopped-notice.ts';
import type { NoTarget, VisitEnd } from './visit.ts';

/** Who could wait for so long may do so again. */
const longWait = 5 * 60_000;
/** After the store has refused something. */
const storeRest = 60_000;

const noRoom: Trouble = {
  kind: 'no-room',
  say: 'There is too little room in the box for what is to be collected next',
  advice: 'It goes on by itself when there is room',
};

/** A visit that ended badly. */
export interface Meeting {
  readonly source: Source;
  readonly attended: AttendedSource;
  /** Nobody has done anything about the source since the visit began. */
  readonly isStillSo: () => boolean;
}

export class Misfortune {
  readonly #ports: CollectorPorts;

  constructor(ports: CollectorPorts) {
    this.#ports = ports;
  }

  /** What is wrong, for who waits for the collection. */
  async meet(
    meeting: Meeting,
    end: VisitEnd | { readonly kind: 'bug' },
  ): Promise<string | undefined> {
    const { source, attended } = meeting;
    switch (end.kind) {
      case 'done':
        return undefined;
      case 'hung-up':
        this.#comeBack(attended);
        return undefined;
      case 'no-target':
        return this.#noTarget(meeting, end.why);
      case 'not-connected':
        return this.#notConnected(meeting, end);
      case 'trouble':
        if (end.trouble.kind === 'store') {
          const { say } = end.trouble.trouble;
          return this.#again(attended, { say, advice: '' }, storeRest);
        }
        if (end.trouble.kind === 'broken') {
          const say = `The connection with ${source.host} broke: ${end.trouble.detail}`;
          return this.#again(attended, { say, advice: '' });
        }
        if (end.trouble.kind === 'later') {
          const detail = end.trouble.detail.replace(/[.\s]+$/, '');
          const say = `${source.host} gives nothing out just now: ${detail}`;
          return this.#again(attended, { say, advice: '' });
        }
        if (end.trouble.kind === 'room') return this.#again(attended, noRoom, storeRest);
        return undefined;
      case 'bug':
        return this.#again(attended, {
          say: 'The box itself failed here; the log has more',
          advice: '',
        });
      default:
        return unreachable(end);
    }
  }

  /** Who has just added a source and not signed in yet knows that, and needs no mail about it. */
  async #noTarget(meeting: Meeting, { kind, say, about }: NoTarget): Promise<string> {
    const { source, attended } = meeting;
    const shared = about === 'sign-in';
    const trouble = { kind, say, advice: '', ...(shared ? { shared } : {}) };
    const isNew = about === 'nobody' && !attended.worked && !(await this.#hasWorked(source));
    if (isNew) return this.#again(attended, trouble, 60 * storeRest);
    return this.#apply(meeting, trouble, afterTrouble(kind, attended.past, this.#chance()));
  }

  async #notConnected(
    meeting: Meeting,
    { trouble, oauth }: Extract<VisitEnd, { kind: 'not-connected' }>,
  ): Promise<string | undefined> {
    if (trouble.code === 'ABORTED') return undefined;
    const { source, attended } = meeting;
    const explanation = explain(trouble, aboutSource(this.#ports, source, oauth));
    const { answer, stage } = trouble;
    const chance = this.#chance();
    if (stage !== 'sign-in' || answer === undefined) {
      const coming = afterTrouble(explanation.kind, attended.past, chance);
      return this.#apply(meeting, explanation, coming);
    }
    // What somebody has changed since has not worked yet.
    const isUnchanged = attended.generation === 0;
    const worked = attended.worked || (isUnchanged && (await this.#hasWorked(source)));
    const coming = afterRefusal(answer, { ...attended.past, worked }, chance, attended.loginDelay);
    if (explanation.kind === 'sign-in') attended.refusals++;
    return this.#apply(meeting, explanation, coming);
  }

  /** In an earlier life of the process, at least. */
  async #hasWorked({ id }: Source): Promise<boolean> {
    const count = await this.#ports.collected.count(id);
    return count.ok && count.value > 0;
  }

  async #apply(meeting: Meeting, trouble: Trouble, coming: Coming): Promise<string> {
    const { source, attended, isStillSo } = meeting;
    if (coming.kind === 'again') return this.#again(attended, trouble, coming.wait);
    const { log, sources } = this.#ports;
    log.warn(`${source.name} is not collected: ${trouble.say}`);
    if (coming.kind === 'rarely') {
      this.#again(attended, trouble, coming.wait);
      await this.#tellOnce(source, attended, trouble, false);
      return trouble.say;
    }
    attended.trouble = trouble;
    // First told: should the power go in between, it is tried once more, and not told again.
    await this.#tellOnce(source, attended, trouble, true);
    const { code } = coming;
    const say = trouble.advice === '' ? trouble.say : `${trouble.say}. ${trouble.advice}`;
    const stopped = await sources.stop(source.id, { code, say }, isStillSo);
    if (!stopped.ok) this.#again(attended, trouble, 60 * storeRest);
    return trouble.say;
  }

  /** Servers do not let people wait for ever. One that lets nobody wait is called by the clock. */
  #comeBack(attended: AttendedSource): void {
    const { clock } = this.#ports;
    const now = clock.elapsed();
    if (now - attended.since < longWait) return;
    attended.due = Math.min(attended.due, now + stepOf(0, this.#chance()));
  }

  #again(attended: AttendedSource, trouble: Trouble, wait?: number): string {
    const { clock } = this.#ports;
    attended.trouble = trouble;
    attended.due = clock.elapsed() + (wait ?? stepOf(attended.failures, this.#chance()));
    attended.failures++;
    return trouble.say;
  }

  async #tellOnce(
    { id, account, name }: Source,
    attended: AttendedSource,
    trouble: Trouble,
    stopped: boolean,
  ): Promise<void> {
    if (attended.told) return;
    const { notices, tellOfSignIn, log } = this.#ports;
    const told = trouble.shared
      ? await tellOfSignIn(id, trouble.say)
      : await notices.tell(account, stoppedNotice(name, trouble, stopped));
    attended.told = told.ok;
    if (!told.ok) log.warn(`Nobody could be told that ${name} is not collected`);
  }

  #chance(): number {
    return (this.#ports.random.octets(1)[0] ?? 128) / 255;
  }
}
