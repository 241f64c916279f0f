/*
 * Whether Node-RED should run: a pure function of what is known, to what is to be done now and when
 * to look again. It costs as much memory as the rest of the box twice, so it runs while somebody
 * looks at a page; and a start that failed is not tried again in a loop.
 */

export interface Demand {
  /** Setting flows.run. */
  readonly run: 'demand' | 'always' | 'off';
  /** Setting flows.idle, in milliseconds. */
  readonly idle: number;
  /** A flow of the owner's waits for events. */
  readonly stay: boolean;
  readonly power: 'off' | 'on' | 'stopping';
  /** Requests and web sockets that are being served. */
  readonly open: number;
  /** When a page was last wanted. Times are elapsed milliseconds. */
  readonly wantedAt?: number;
  /** How it failed: how many times in a row, and when last. */
  readonly failures: number;
  readonly failedAt?: number;
  /** It had been ready before it failed: whoever was being served still waits for it. */
  readonly ran: boolean;
}

export interface Step {
  readonly do: 'start' | 'stop' | 'nothing';
  /** Look again after so many milliseconds, though nothing happened. */
  readonly lookIn?: number;
}

/** After the first failure, the second, and so on; the last holds for all further ones. */
const backOff = [2_000, 10_000, 30_000, 120_000, 300_000] as const;

export function nextStep(demand: Demand, now: number): Step {
  const { power, run, stay, open, wantedAt, idle } = demand;
  if (power === 'stopping') return { do: 'nothing' };
  if (run === 'off') return { do: power === 'on' ? 'stop' : 'nothing' };
  const lasting = run === 'always' || stay;
  if (power === 'on') {
    if (lasting || open > 0) return { do: 'nothing' };
    const left = (wantedAt ?? Number.NEGATIVE_INFINITY) + idle - now;
    return left > 0 ? { do: 'nothing', lookIn: left } : { do: 'stop' };
  }
  const pause = pauseLeft(demand, now);
  if (lasting) return pause > 0 ? { do: 'nothing', lookIn: pause } : { do: 'start' };
  const asked = wantedAt !== undefined && now - wantedAt < idle;
  if (!asked || isTold(demand, wantedAt)) return { do: 'nothing' };
  return pause > 0 ? { do: 'nothing', lookIn: pause } : { do: 'start' };
}

/** Nobody has asked since it failed, and who wanted it before has been told. */
function isTold({ failedAt, ran, open }: Demand, wantedAt: number): boolean {
  if (failedAt === undefined || wantedAt > failedAt) return false;
  return !(ran && open > 0);
}

/** Why it starts, and why it stops, for the log. */
export function reasons({ run, stay }: Demand): { readonly start: string; readonly stop: string } {
  const wanted = stay ? 'a flow waits for mail, events or a time' : 'a page is wanted';
  return {
    start: run === 'always' ? 'flows.run is always' : wanted,
    stop: run === 'off' ? 'flows.run is off' : 'nobody looks at a page',
  };
}

/** How long (ms) it is not tried again after a failure. */
export function pauseLeft({ failures, failedAt }: Demand, now: number): number {
  if (failures === 0 || failedAt === undefined) return 0;
  const pause = backOff[Math.min(failures, backOff.length) - 1] ?? 0;
  return Math.max(0, failedAt + pause - now);
}
