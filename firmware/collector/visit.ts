/*
 * One visit to a source: connect, collect, and, where the source tells of new mail by itself (IDLE),
 * stay until somebody else needs the connection. It always ends with LOGOUT or QUIT, and with nothing
 * on its way to disk.
 */
import type { Result } from '#base/result';
import type { Source } from '#mail/sources/sources';
import { Course, type RoundTrouble } from './course.ts';
import { foldersOf, type RoundPorts, type SourceMemory } from './ports.ts';
import { Round } from './round.ts';
import type {
  SourceTarget,
  Upstream,
  UpstreamConnector,
  UpstreamConnectTrouble,
  UpstreamFacts,
} from './upstream.ts';

/** Why a source cannot be signed in at: a person has to do something, or it may pass. */
export interface NoTarget {
  readonly kind: 'sign-in' | 'unreachable';
  readonly say: string;
  /** `nobody`: has signed in yet. `sign-in`: it is at its end, for all who share it. */
  readonly about?: 'nobody' | 'sign-in';
}

export interface VisitPorts extends RoundPorts {
  readonly connector: UpstreamConnector;
  readonly target: (source: Source) => Promise<Result<SourceTarget, NoTarget>>;
  /** Another access token in place of one that the server refuses though it ought to be good. */
  readonly tokenInPlaceOf: (
    source: Source,
    accessToken: string,
  ) => Promise<Result<string, NoTarget>>;
}

export interface VisitEvents {
  /** It is signed in. */
  readonly connected: (facts: UpstreamFacts) => void;
  readonly progress: (course: Course) => void;
  /** A round ended, well or not. True: stay, if the source tells of new mail. */
  readonly round: (course: Course) => boolean;
  /** It waits to be told, or does so no more. */
  readonly stays: (stays: boolean) => void;
}

export type VisitEnd =
  | { readonly kind: 'done' }
  /** The server ended the connection while nothing was asked of it. */
  | { readonly kind: 'hung-up' }
  | { readonly kind: 'no-target'; readonly why: NoTarget }
  | {
      readonly kind: 'not-connected';
      readonly trouble: UpstreamConnectTrouble;
      /** It was to sign in with an access token. */
      readonly oauth: boolean;
    }
  | { readonly kind: 'trouble'; readonly trouble: RoundTrouble };

/** A server that has always something new is left until the clock says so. */
const mostBetween = 10;

export class Visit {
  readonly #ports: VisitPorts;
  readonly #source: Source;
  readonly #memory: (folder: string) => SourceMemory;
  readonly #events: VisitEvents;
  readonly #stopping = new AbortController();
  #upstream: Upstream | undefined;
  #leaves = false;
  /** Rounds in a row behind each of which something had come. */
  #between = 0;
  #awaiting: AbortController | undefined;

  constructor(
    ports: VisitPorts,
    source: Source,
    memory: (folder: string) => SourceMemory,
    events: VisitEvents,
  ) {
    this.#ports = ports;
    this.#source = source;
    this.#memory = memory;
    this.#events = events;
  }

  /** What it is signed in at; undefined: it is not yet, or is to leave. */
  get facts(): UpstreamFacts | undefined {
    return this.#leaves ? undefined : this.#upstream?.facts;
  }

  async run(): Promise<VisitEnd> {
    const target = await this.#ports.target(this.#source);
    if (!target.ok) return { kind: 'no-target', why: target.error };
    const { signal } = this.#stopping;
    const connected = await connect(this.#ports, this.#source, target.value, signal);
    if (!connected.ok) {
      if ('say' in connected.error) return { kind: 'no-target', why: connected.error };
      const oauth = 'accessToken' in target.value.secret;
      return { kind: 'not-connected', trouble: connected.error, oauth };
    }
    this.#upstream = connected.value;
    try {
      this.#events.connected(connected.value.facts);
      return await this.#collect(connected.value);
    } finally {
      connected.value.abort(); // harmless behind a close
    }
  }

  /** It is to end what it does, save what came, and sign off. */
  stop(): void {
    this.#leaves = true;
    this.#stopping.abort();
    this.#awaiting?.abort();
  }

  /** Somebody else needs the connection: it ends when it does nothing but wait, be it to be let in. */
  release(): void {
    this.#leaves = true;
    this.#awaiting?.abort();
    if (this.#upstream === undefined) this.#stopping.abort();
  }

  /** It is to look now, instead of waiting to be told. */
  poke(): void {
    this.#awaiting?.abort();
  }

  /** At once. What came and is on its way to disk still gets there. */
  cut(): void {
    this.#stopping.abort();
    this.#upstream?.abort();
  }

  async #collect(upstream: Upstream): Promise<VisitEnd> {
    let folders = foldersOf(this.#source);
    for (;;) {
      const course = new Course(this.#stopping.signal, () => this.#events.progress(course));
      const round = new Round(this.#ports, this.#source, upstream, this.#memory, course);
      await round.run(folders);
      const { tells } = upstream.facts;
      // Over POP3 a round ends with the session: before that, nothing is removed.
      if (!tells || course.trouble !== undefined) {
        const closed = await upstream.close();
        if (closed.ok) await round.closed();
        else if (course.trouble === undefined) course.got(closed);
        this.#events.round(course);
        return endOf(course);
      }
      const stays = this.#events.round(course) && !this.#leaves;
      const next = stays ? await this.#untilTold(upstream, course) : undefined;
      if (next === 'hung-up') return { kind: 'hung-up' };
      if (next === undefined) {
        await upstream.close();
        return endOf(course);
      }
      folders = next;
    }
  }

  /** Which folders are to be looked into; undefined: it is over. */
  async #untilTold(
    upstream: Upstream,
    last: Course,
  ): Promise<readonly string[] | 'hung-up' | undefined> {
    const [first = ''] = foldersOf(this.#source);
    const opened = last.got(await upstream.open(first));
    if (opened === undefined) return undefined;
    // It came between the round and now.
    if (opened.uidNext !== this.#memory(first).uidNext) {
      this.#between++;
      return this.#between > mostBetween ? undefined : [first];
    }
    this.#between = 0;
    using _poll = this.#ports.clock.after(this.#source.every, () => awaiting.abort());
    const awaiting = new AbortController();
    this.#awaiting = awaiting;
    this.#events.stays(true);
    const told = this.#leaves ? undefined : await upstream.changed(awaiting.signal);
    this.#events.stays(false);
    this.#awaiting = undefined;
    if (told === undefined || this.#leaves) return undefined;
    if (!told.ok) return 'hung-up';
    return told.value === 'changed' ? [first] : foldersOf(this.#source);
  }
}

/** Signs in; an access token that is refused is renewed once, before anybody hears of it. Where there
 * is none in its place, that is what is wrong. */
export async function connect(
  { connector, tokenInPlaceOf }: Pick<VisitPorts, 'connector' | 'tokenInPlaceOf'>,
  source: Source,
  target: SourceTarget,
  signal: AbortSignal,
): Promise<Result<Upstream, UpstreamConnectTrouble | NoTarget>> {
  const connected = await connector.connect(target, signal);
  const { secret } = target;
  if (connected.ok || connected.error.stage !== 'sign-in' || !('accessToken' in secret)) {
    return connected;
  }
  if (connected.error.answer === undefined || signal.aborted) return connected;
  const anew = await tokenInPlaceOf(source, secret.accessToken);
  if (!anew.ok) return anew;
  return connector.connect({ ...target, secret: { accessToken: anew.value } }, signal);
}

function endOf({ trouble }: Course): VisitEnd {
  return trouble === undefined || trouble.kind === 'ended'
    ? { kind: 'done' }
    : { kind: 'trouble', trouble };
}
