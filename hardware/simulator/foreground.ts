/*
 * Is this process in the foreground of its terminal? In the background (`npm start &`, or Ctrl-Z
 * and `bg`) whoever reads the terminal or sets its modes is stopped by the kernel (SIGTTIN,
 * SIGTTOU), and a stopped box takes no mail.
 */
import { readFileSync } from 'node:fs';

export function inForeground(): boolean {
  try {
    return isForeground(readFileSync('/proc/self/stat', 'latin1'));
  } catch {
    return false;
  }
}

/** proc_pid_stat(5): the name in parentheses may hold anything; behind it state, ppid, pgrp,
 * session, tty_nr, tpgid. */
export function isForeground(stat: string): boolean {
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group !== undefined && group === foreground;
}
