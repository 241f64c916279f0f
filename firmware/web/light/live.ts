/*
 * /live: the box as it is, as server-sent events (WHATWG HTML, "Server-sent events"), for pages that
 * show lamps and counts without Node-RED in between. Each event is the whole state; a second passes
 * between two of them, however much happens. It ends with the session, which does not rest meanwhile.
 */
import type { Clock } from '#base/clock';
import type { AccountReport, PanelReport, QueueReport } from '#control/types';
import type { LightRoute } from './route.ts';

export interface LiveReport {
  readonly lamps: PanelReport['lamps'];
  readonly queue: QueueReport;
  readonly accounts: readonly Pick<AccountReport, 'name' | 'messages' | 'unretrieved'>[];
}

export interface LiveSource {
  /** Undefined: it cannot be known just now. */
  report(): Promise<LiveReport | undefined>;
  /** Calls `changed` whenever the report may have changed. */
  watch(changed: () => void): Disposable;
}

const rest = 1_000;

export function liveRoute(source: LiveSource, clock: Clock): LightRoute {
  return {
    ...{ on: 'secure', methods: ['GET'], path: '/live', wants: 'owner' },
    answer: () => ({ status: 200, follow: (tell) => follow(source, clock, tell) }),
  };
}

function follow(source: LiveSource, clock: Clock, tell: (event: unknown) => void): Disposable {
  let over = false;
  let resting: Disposable | undefined;
  let again = false;
  const look = async () => {
    if (over) return;
    if (resting !== undefined) {
      again = true;
      return;
    }
    again = false;
    resting = clock.after(rest, () => {
      resting = undefined;
      if (again) void look();
    });
    const report = await source.report();
    if (!over && report !== undefined) tell(report);
  };
  const watching = source.watch(() => void look());
  void look();
  return {
    [Symbol.dispose]: () => {
      over = true;
      resting?.[Symbol.dispose]();
      watching[Symbol.dispose]();
    },
  };
}
