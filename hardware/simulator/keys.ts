/*
 * What keys do on the terminal that shows the panel: pure. The terminal is in raw mode, so the keys
 * that usually interrupt or stop a program arrive as characters and are given their meaning here.
 */

export type KeyDeed =
  | { readonly kind: 'signal'; readonly signal: 'SIGINT' | 'SIGQUIT' | 'SIGTSTP' }
  /** The button goes down and, after so many milliseconds, up. */
  | { readonly kind: 'press'; readonly held: number }
  /** A finger comes, or goes. */
  | { readonly kind: 'finger' }
  | { readonly kind: 'help' }
  | { readonly kind: 'redraw' };

/** By what the key sends. Presses a little longer than what they shall reach. */
const deeds: Readonly<Record<string, KeyDeed>> = {
  '\x03': { kind: 'signal', signal: 'SIGINT' },
  '\x1a': { kind: 'signal', signal: 'SIGTSTP' },
  '\x1c': { kind: 'signal', signal: 'SIGQUIT' },
  '\x0c': { kind: 'redraw' },
  f: { kind: 'press', held: 150 },
  h: { kind: 'press', held: 3_200 },
  s: { kind: 'press', held: 8_200 },
  ' ': { kind: 'finger' },
  '?': { kind: 'help' },
};

/** What was typed, key by key. Keys that send an escape sequence (arrows, pasted text) do
 * nothing. */
export function keyDeeds(typed: string): KeyDeed[] {
  if (typed.startsWith('\x1b')) return [];
  return [...typed].flatMap((key) => deeds[key.toLowerCase()] ?? []);
}

export const keyHelp = [
  'This is the front panel, simulated. Keys press its button "flush":',
  '  f      short: sends everything that waits, and collects',
  '  h      three seconds: hold, or release; on a new box, open set-up',
  '  s      eight seconds: shut down (a box that runs as an appliance)',
  '  space  put a finger on the button; once more: let go',
  '  Ctrl-C ends the box, Ctrl-Z stops it, Ctrl-L draws the panel again.',
  '',
].join('\n');
