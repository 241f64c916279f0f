/*
 * The menu: the commands that set a box up, for who does not know them yet. An item is a command
 * with what it wants to be asked; it shows the command it runs, so that the menu teaches it.
 */
import { columns } from '../words.ts';

export interface MenuItem {
  readonly say: string;
  readonly words: readonly string[];
  /** Asked for, and put behind the words. */
  readonly asks?: readonly string[];
}

/** Typed by their number, from 1. */
export const menu: readonly MenuItem[] = [
  { say: 'How the box is', words: ['status'] },
  { say: 'Accounts', words: ['account', 'list'] },
  { say: 'Add an account', words: ['account', 'add'], asks: ['Name of the new account'] },
  { say: 'Change a password', words: ['account', 'password'], asks: ['Whose'] },
  { say: 'What waits to go out', words: ['queue', 'list'] },
  { say: 'Send what waits and collect, now', words: ['flush'] },
  {
    say: 'Open the box to the home network',
    words: ['settings', 'set', 'listen.host', '0.0.0.0, ::'],
  },
  { say: 'The last lines of the log', words: ['log', '--lines', '20'] },
  { say: 'Where mail is collected from', words: ['source', 'list'] },
];

export function menuInWords(): string {
  const rows = menu.map(({ say }, index) => [`  ${index + 1}`, say]);
  return columns([...rows, ['  exit', 'Sign out'], ['  help', 'Every command there is']]);
}

export function menuItem(typed: string): MenuItem | undefined {
  return /^\d{1,2}$/.test(typed) ? menu[Number(typed) - 1] : undefined;
}

/** The command as it could have been typed. */
export function asCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\p{L}\p{N}@._:/+=-]+$/u.test(word) ? word : `"${word}"`))
    .join(' ');
}
