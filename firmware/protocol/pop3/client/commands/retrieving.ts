/* Getting messages: RETR (RFC 1939 §5) and TOP (RFC 1939 §7). */
import { type ClientCommand, command } from '../command.ts';

/** `RETR msg` */
export function retr(number: number): ClientCommand {
  return command(`RETR ${number}`, 'message');
}

/** `TOP msg n`: the header section, the blank line, and n lines of the body. */
export function top(number: number, lines: number): ClientCommand {
  return command(`TOP ${number} ${lines}`, 'message');
}
