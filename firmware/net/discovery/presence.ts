/*
 * The box on one network: asks whether its names are free (RFC 6762 §8.1), announces them (§8.3),
 * answers for them (§6), notices when another has them (§9), keeps others from forgetting them (§6.6),
 * and says goodbye (§10.1). Time and chance are ports; what it says goes out through `tell`.
 * Everything is said to all, never to one (questions that ask for that, too): where another responder
 * shares the port, as Avahi does, what is sent to one may reach the wrong one (§15.1). Left out:
 * gathering the known answers of several messages (§7.2), so that a network of very many boxes hears
 * an answer more than it need.
 */
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { isDisputed, isTaken, mustWait, type Own } from './rivals.ts';
import { type DnsMessage, type DnsRecord, encode, keyOf, types } from './wire.ts';
import { isSame, replyTo } from './zone.ts';

/** Where a message came from. */
export interface Sender {
  readonly address: string;
  readonly port: number;
}

export interface PresencePorts {
  readonly clock: Clock;
  readonly random: Random;
  /** To everybody on this network, or to one. */
  tell(octets: Buffer, to?: Sender): void;
  /** Somebody else has one of the names. */
  taken(): void;
  /** The names are ours, and announced. */
  announced(): void;
}

/** RFC 6762 §8.1 and §8.3 (ms). */
const probes = { count: 3, apart: 250 } as const;
const announcements = { count: 2, apart: 1_000 } as const;
/** §8.2: who loses a tie asks again later. */
const afterTie = 1_000;
/** §6: a record is not said to all again within this time (ms); when somebody asks for a name that
 * is ours, it is defended sooner. */
const [restOfRecord, restInDefence] = [1_000, 250];
/** Answers that wait to be sent; more are a flood. */
const mostWaiting = 16;
/** Answers to programs that are no responders (§6.7), a second. */
const mostSingle = 20;
/** Octets of a message: what every network passes on in one piece (§17). */
const longest = 1_400;
/** §5.2: the port of those who take part. */
export const port = 5353;

type State = 'new' | 'asking' | 'telling' | 'told' | 'over';

export class Presence {
  readonly #own: Own;
  readonly #ports: PresencePorts;
  #state: State = 'new';
  #next: Disposable | undefined;
  readonly #waiting = new Set<Disposable>();
  readonly #saidAt = new Map<DnsRecord, number>();
  /** It was announced, so others remember it. */
  #wasTold = false;
  #single = { since: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(own: Own, ports: PresencePorts) {
    this.#own = own;
    this.#ports = ports;
  }

  get isTold(): boolean {
    return this.#state === 'told';
  }

  /** `wait` (ms) before the names are asked for. */
  start(wait = 0): void {
    this.#state = 'asking';
    // §8.1: a random pause, for after a power cut all come back at once.
    this.#then(wait + this.#chance(probes.apart), () => this.#ask(0));
  }

  hear(heard: DnsMessage, from: Sender): void {
    const isPeer = from.port === port;
    switch (this.#state) {
      case 'new':
      case 'over':
        return;
      case 'asking':
        if (!isPeer) return;
        if (isTaken(heard, this.#own)) {
          this.#quiet();
          this.#state = 'over';
          this.#farewell('shared');
          this.#ports.taken();
        } else if (mustWait(heard, this.#own)) {
          this.#then(afterTie, () => this.#ask(0));
        }
        return;
      case 'telling':
      case 'told':
        if (!heard.response) this.#answer(heard, from);
        // §11: only a responder's word counts. §9: who has it, is asked anew.
        else if (isPeer && isDisputed(heard, this.#own)) this.start();
        else if (isPeer) this.#rescue(heard);
        return;
    }
  }

  /** Says goodbye, when anything was said. */
  end(): void {
    const isOurs = this.#state === 'telling' || this.#state === 'told';
    this.#quiet();
    this.#state = 'over';
    this.#farewell(isOurs ? 'all' : 'shared');
  }

  /** §10.1. 'shared': the names are another's by now, who is not to be forgotten with us (§10.2). */
  #farewell(which: 'all' | 'shared'): void {
    if (!this.#wasTold) return;
    const { records } = this.#own.zone;
    const leaving = records.filter(({ unique }) => which === 'all' || !unique);
    this.#tell(leaving.map((record) => ({ ...record, ttl: 0 })));
  }

  /** §6.6: somebody says of a record of ours that it ends soon (goodbye from another of our networks,
   * a box of the same name that leaves, or malice): those who heard it hear otherwise. */
  #rescue({ answers, additionals }: DnsMessage): void {
    if (this.#waiting.size >= mostWaiting) return;
    const { named } = this.#own.zone;
    const sinking = [...answers, ...additionals].flatMap((heard) => {
      const ours = named.get(keyOf(heard.name))?.find((record) => isSame(record, heard));
      return ours !== undefined && heard.ttl * 2 < ours.ttl ? [ours] : [];
    });
    const records = [...new Set(sinking)];
    if (records.length === 0) return;
    // Within the second after which they are forgotten (§10.1).
    const said = Math.max(...records.map((record) => this.#saidAt.get(record) ?? 0));
    const rest = said + restOfRecord - this.#ports.clock.elapsed();
    this.#tellLater(Math.max(20 + this.#chance(100), rest), records, []);
  }

  #quiet(): void {
    this.#next?.[Symbol.dispose]();
    for (const one of this.#waiting) one[Symbol.dispose]();
    this.#waiting.clear();
  }

  #ask(asked: number): void {
    if (asked === probes.count) {
      this.#state = 'telling';
      this.#announce(0);
      return;
    }
    const { zone } = this.#own;
    const groups = Map.groupBy(
      zone.records.filter(({ unique }) => unique),
      ({ name }) => keyOf(name),
    );
    for (const message of packed([...groups.values()], (lists) => {
      // §8.2: with what is asked for goes what it shall be.
      const authorities = lists.flat().map((record) => ({ ...record, unique: false }));
      const names = lists.flatMap(([first]) => (first === undefined ? [] : [first.name]));
      const questions = names.map((name) => ({ name, type: types.ANY }));
      return { ...empty, questions, authorities };
    })) {
      this.#ports.tell(message);
    }
    this.#then(probes.apart, () => this.#ask(asked + 1));
  }

  #announce(done: number): void {
    if (done === announcements.count) {
      this.#state = 'told';
      this.#ports.announced();
      return;
    }
    this.#wasTold = true;
    this.#tell(this.#own.zone.records);
    this.#then(announcements.apart, () => this.#announce(done + 1));
  }

  #answer(query: DnsMessage, from: Sender): void {
    if (from.port === port && this.#waiting.size >= mostWaiting) return;
    const { answers, additionals } = replyTo(query, this.#own.zone);
    if (answers.length === 0) return;
    if (from.port !== port) {
      this.#answerOne(query, from, answers, additionals);
      return;
    }
    const isProbe = query.authorities.length > 0;
    // §6: what others may answer, too, is said after a random pause; §7.2: more known answers come.
    const shared = answers.some(({ unique }) => !unique) ? 20 + this.#chance(100) : 0;
    const wait = query.truncated ? 400 + this.#chance(100) : shared;
    this.#tellLater(wait, answers, additionals, isProbe ? restInDefence : restOfRecord);
  }

  /** What was not said to all meanwhile. */
  #tellLater(
    wait: number,
    answers: readonly DnsRecord[],
    additionals: readonly DnsRecord[],
    rest: number = restOfRecord,
  ): void {
    const waiting = this.#ports.clock.after(wait, () => {
      this.#waiting.delete(waiting);
      const now = this.#ports.clock.elapsed();
      const isRested = (record: DnsRecord) => now - (this.#saidAt.get(record) ?? -rest) >= rest;
      const left = answers.filter(isRested);
      if (left.length > 0) this.#tell(left, additionals);
    });
    this.#waiting.add(waiting);
  }

  /**
   * §6.7: who asks from another port is an ordinary resolver. It is answered as by an ordinary
   * server, and so seldom that nobody is flooded through us.
   */
  #answerOne(
    query: DnsMessage,
    from: Sender,
    answers: readonly DnsRecord[],
    additionals: readonly DnsRecord[],
  ): void {
    const now = this.#ports.clock.elapsed();
    if (now - this.#single.since >= 1_000) this.#single = { since: now, count: 0 };
    this.#single.count += 1;
    if (this.#single.count > mostSingle) return;
    const plain = (record: DnsRecord) => {
      return { ...record, ttl: Math.min(record.ttl, 10), unique: false };
    };
    const { id, questions } = query;
    const message = { ...empty, id, response: true, questions, answers: answers.map(plain) };
    const full = encode({ ...message, additionals: additionals.map(plain) });
    this.#ports.tell(full.length <= longest ? full : encode(message), from);
  }

  #tell(answers: readonly DnsRecord[], additionals: readonly DnsRecord[] = []): void {
    const now = this.#ports.clock.elapsed();
    for (const record of answers) this.#saidAt.set(record, now);
    const messages = packed(answers, (some) => ({ ...empty, response: true, answers: some }));
    const [only] = messages;
    const whole = encode({ ...empty, response: true, answers, additionals });
    const isShort = messages.length === 1 && whole.length <= longest;
    for (const message of isShort && only !== undefined ? [whole] : messages) {
      this.#ports.tell(message);
    }
  }

  #then(wait: number, task: () => void): void {
    this.#quiet();
    this.#next = this.#ports.clock.after(wait, task);
  }

  #chance(below: number): number {
    return this.#ports.random.octets(2).readUInt16BE() % below;
  }
}

// RFC 6762 §18.1: the id is zero.
const empty: DnsMessage = {
  ...{ id: 0, response: false, truncated: false },
  ...{ questions: [], answers: [], authorities: [], additionals: [] },
};

/** As few messages as hold all of it, each short enough. */
function packed<T>(items: readonly T[], message: (items: readonly T[]) => DnsMessage): Buffer[] {
  const done: Buffer[] = [];
  let [some, octets]: [T[], Buffer | undefined] = [[], undefined];
  for (const item of items) {
    const longer = encode(message([...some, item]));
    if (octets === undefined || longer.length <= longest) {
      [some, octets] = [[...some, item], longer];
      continue;
    }
    done.push(octets);
    [some, octets] = [[item], encode(message([item]))];
  }
  return octets === undefined ? done : [...done, octets];
}
