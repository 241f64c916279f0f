/*
 * The power switch: SIGINT (Ctrl-C), SIGTERM (systemd, `kill`) and SIGHUP (the terminal was closed)
 * ask for a clean power-off. Who is asked twice means now.
 */
import type { Clock } from '#base/clock';

/** npm passes a Ctrl-C on that the terminal has already sent: two in this time (ms) are one. */
const oneWish = 500;

/** Resolves with the signal's name at the first one; ends the process at a second one. */
export function powerSwitch(clock: Clock): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const press = (signal: NodeJS.Signals) => {
      first ??= clock.elapsed();
      if (clock.elapsed() - first > oneWish) process.exit(1);
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, press);
  });
}
