/*
 * Does something keep the machine's clock right (NTP)? systemd-timesyncd leaves a mark once it has
 * set the clock; for chrony, ntpd and others `timedatectl` asks the kernel itself. Where neither is
 * there the answer is no, which only means: not known.
 */
import { execFile } from 'node:child_process';
import { exists } from '#base/exists';

const timesyncdMark = '/run/systemd/timesync/synchronized';
const longestAnswer = 5_000;

export async function kernelSynchronised(): Promise<boolean> {
  return (await exists(timesyncdMark)) || (await timedatectlSaysSo());
}

function timedatectlSaysSo(): Promise<boolean> {
  const words = ['show', '--property=NTPSynchronized', '--value'];
  return new Promise((resolve) => {
    execFile('timedatectl', words, { timeout: longestAnswer }, (error, answer) =>
      resolve(error === null && answer.trim() === 'yes'),
    );
  });
}
