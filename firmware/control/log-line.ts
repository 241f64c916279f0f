/* placeholder until base/log-output lands */
import type { LogLine } from '#base/log';

export function logLineInWords(line: LogLine): string {
  return JSON.stringify(line);
}
