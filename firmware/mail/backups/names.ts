/*
 * How scheduled backups are called, so that the box knows its own again and removes no other file:
 * not those of another box in the same folder, nor those that a person made or renamed.
 *
 *   restante-7f3a2c-2026-11-26-1530.backup
 *   restante-7f3a2c-2026-11-26-1530.suspect    its rehearsal found faults
 */
import { join } from 'node:path';

/** `mark`: six hexadecimal digits that only this box has. */
export function backupName(mark: string, now: number, number: number): string {
  const stamp = new Date(now).toISOString().slice(0, 16).replace('T', '-').replace(':', '');
  return `restante-${mark}-${stamp}${number < 2 ? '' : `-${number}`}.backup`;
}

/** Those of these names that this box made, newest first. */
export function ownBackups(mark: string, names: readonly string[]): readonly string[] {
  const form = new RegExp(`^restante-${mark}-\\d{4}-\\d\\d-\\d\\d-\\d{4}(?:-(\\d+))?\\.backup$`);
  const order = (name: string) => {
    const number = form.exec(name)?.[1] ?? '1';
    return name.slice(0, `restante-${mark}-2026-11-26-1530`.length) + number.padStart(6, '0');
  };
  const own = names.filter((name) => form.test(name));
  return own.sort((one, other) => (order(one) < order(other) ? 1 : -1));
}

/** What a backup with faults is called: it may be all there is, and takes no good one's place. */
export function suspectName(name: string): string {
  return name.replace(/\.backup$/, '.suspect');
}

/** Those of them that this box made, newest first. */
export function ownSuspects(mark: string, names: readonly string[]): readonly string[] {
  const form = new RegExp(`^restante-${mark}-[\\d-]+\\.suspect$`);
  return names.filter((name) => form.test(name)).sort((one, other) => (one < other ? 1 : -1));
}

/** Those that a backup which was cut off left behind. */
export function ownPartials(mark: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(`.restante-${mark}-`) && name.includes('.partial'));
}

/** Where a backup is restored on its own disk to see whether it can be. */
export function scratchName(mark: string): string {
  return `.restante-${mark}-rehearsal`;
}

/** Where it is restored on the mail's own disk. */
export function ownScratch(data: string): string {
  return join(data, 'rehearsal');
}
