/* A log line as the command prints it: the same text as on the box's own terminal. */
import type { LogLine } from '#base/log';
import { textLine } from '#base/log-output';

export function logLineInWords(line: LogLine): string {
  return textLine(line).trimEnd();
}
