/*
 * The sending windows: parts of the day in which mail goes out. Pure: from the windows and a moment
 * of the wall clock to "open?" and "when does that change?". Local time, so a window moves with
 * summer time; where a clock change skips a window's edge, the edge is where the clock lands.
 */

/** Minutes since midnight; it spans midnight when `to` is not after `from`. `to` may be 1440. */
export interface SendingWindow {
  readonly from: number;
  readonly to: number;
}

export interface WindowState {
  readonly open: boolean;
  /** Milliseconds since 1970; undefined: it stays so. */
  readonly changesAt?: number;
}

const always: WindowState = { open: true };
const minuteMs = 60_000;
/** No windows are told apart over more days than this: longer than any give-up time. */
const mostDays = 31;

/** No windows: always open. */
export function windowAt(windows: readonly SendingWindow[], now: number): WindowState {
  if (windows.length === 0) return always;
  const open = isOpen(windows, now);
  const changes = edges(windows, now).find((at) => at > now && isOpen(windows, at) !== open);
  return changes === undefined ? { open } : { open, changesAt: changes };
}

/** Milliseconds between two moments in which the windows are open. */
export function openBetween(windows: readonly SendingWindow[], from: number, to: number): number {
  if (windows.length === 0) return Math.max(0, to - from);
  let sum = 0;
  let at = Math.max(from, to - mostDays * 24 * 60 * minuteMs);
  while (at < to) {
    const { open, changesAt = to } = windowAt(windows, at);
    const end = Math.min(changesAt, to);
    if (open) sum += end - at;
    at = end;
  }
  return sum;
}

function isOpen(windows: readonly SendingWindow[], at: number): boolean {
  const date = new Date(at);
  const minute = date.getHours() * 60 + date.getMinutes();
  return windows.some(({ from, to }) =>
    from < to ? minute >= from && minute < to : minute >= from || minute < to,
  );
}

/** The moments of today and the next two days at which a window begins or ends, in order. */
function edges(windows: readonly SendingWindow[], now: number): number[] {
  const date = new Date(now);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  const moments = [0, 1, 2].flatMap((later) =>
    windows.flatMap(({ from, to }) =>
      [from, to].map((minute) => new Date(year, month, day + later, 0, minute).getTime()),
    ),
  );
  return moments.sort((one, other) => one - other);
}
