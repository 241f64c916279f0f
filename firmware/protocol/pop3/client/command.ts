/*
 * A command as the client sends it: its line, and the shape of the response that it earns, as data.
 * The families stand under commands/, each with the grammar of what its lines say. Arguments are
 * checked before they get here: none has a CR, an LF or a NUL (see ways.ts).
 */

/**
 * RFC 1939 §3. `line`: a status line, and no more. `exchange`: challenges, then a status line
 * (RFC 5034 §4). `lines`: after a positive one lines up to ".", each handed out by itself.
 * `message`: the same, but octets handed out as they come.
 */
export type Shape = 'line' | 'exchange' | 'lines' | 'message';

export interface ClientCommand {
  /** Without its CR LF. */
  readonly line: string;
  /** What the trace shows: the line, its secrets starred. */
  readonly shown: string;
  readonly shape: Shape;
  /** `lines`: more than so many are a listing that never ends. */
  readonly lines?: number;
}

export function command(line: string, shape: Shape = 'line', shown = line): ClientCommand {
  return { line, shape, shown };
}

/** A command that is answered with a list of at most so many lines. */
export function listing(line: string, lines: number): ClientCommand {
  return { line, shape: 'lines', shown: line, lines };
}

/** What the server says by itself when the connection stands. It answers to no line. */
export const greeting: ClientCommand = command('');
