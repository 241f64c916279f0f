/*
 * Tells systemd that the box is ready (sd_notify(3), Type=notify). It listens on a datagram
 * socket, which Node does not have, so systemd's own program says it; main loads this file only
 * where systemd listens. The box does not wait for the answer: it is ready whoever knows.
 */
import { execFile } from 'node:child_process';
import type { Log } from '#base/log';

/** Milliseconds; a small board that starts may be slow. */
const patience = 30_000;

export function tellReady(log: Log): void {
  execFile('systemd-notify', ['--ready'], { timeout: patience }, (error) => {
    if (error === null) return;
    const say = 'systemd was not told that the box is ready; it may end the box for that.';
    log.warn(say, { detail: error.message });
  });
}
