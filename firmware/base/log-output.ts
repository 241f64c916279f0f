/*
 * Where log lines go: as text for people, with a priority for systemd's journal, or as JSON for
 * machines. What peers send ends up in lines, so nothing in a value can begin a new line or move a
 * terminal's cursor. Writing never blocks the box, never ends it when the reader is gone, and
 * keeps only so much in memory while the reader is stuck: lines beyond that are counted, not kept.
 */
import type { Level, LogLine, Sink } from './log.ts';

export type LogFormat = 'text' | 'journal' | 'json';

/** As much of a stream (such as process.stdout) as a log needs. */
export interface LogStream {
  /** Octets that wait because the reader is slower than we are. */
  readonly writableLength: number;
  readonly writable: boolean;
  write(text: string): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** Lines wait in memory up to this many octets. */
const mostWaiting = 256 * 1024;
/** A value longer than this is cut: a log is not a mailbox. */
const longestValue = 2000;

/** A sink that writes to `stream`, in the form asked for; 'auto' finds out who reads. */
export function logOutput(
  stream: LogStream,
  format: LogFormat | 'auto',
  environment: Readonly<Record<string, string | undefined>>,
): Sink {
  const render = renderings[format === 'auto' ? readerOf(environment) : format];
  let lost = 0;
  // A reader that goes away (EPIPE) must not end the box; the stream is not writable from then on.
  stream.on('error', () => {});
  return (line) => {
    if (!stream.writable) return;
    if (stream.writableLength > mostWaiting) {
      lost += 1;
      return;
    }
    if (lost > 0) {
      const facts = { lines: lost };
      const say = 'Log lines were lost, because nobody read the log fast enough.';
      lost = 0;
      stream.write(render({ at: line.at, level: 'warn', part: 'log', say, facts }));
    }
    stream.write(render(line));
  };
}

/** systemd sets JOURNAL_STREAM for programs whose output it keeps (systemd.exec(5)). */
function readerOf(environment: Readonly<Record<string, string | undefined>>): LogFormat {
  return environment['JOURNAL_STREAM'] === undefined ? 'text' : 'journal';
}

/** `09:30:01.250 warn  smtp  k3f9  The sentence. recipients=3 from="a b"` */
export function textLine(line: LogLine): string {
  const level = line.level === 'info' ? '' : `${line.level} `;
  return `${timeOfDay(line.at)} ${level}${body(line)}\n`;
}

/** RFC 5424 §6.2.1 numbers severities; sd-daemon(3) reads them as `<n>` before a line. */
export function journalLine(line: LogLine): string {
  return `<${severities[line.level]}>${body(line)}\n`;
}

/** One JSON object a line (RFC 8259), with the time as RFC 3339 §5.6 writes it. */
export function jsonLine(line: LogLine): string {
  const { at, ...rest } = line;
  return `${JSON.stringify({ at: new Date(at).toISOString(), ...rest })}\n`;
}

const renderings = { text: textLine, journal: journalLine, json: jsonLine } as const;

const severities: Readonly<Record<Level, number>> = {
  error: 3,
  warn: 4,
  info: 6,
  debug: 7,
  trace: 7,
};

function body(line: LogLine): string {
  const session = line.session === undefined ? '' : `${plain(line.session)} `;
  const facts = Object.entries(line.facts).filter(([, value]) => value !== undefined);
  const tail = facts.map(([name, value]) => ` ${plain(name)}=${quoted(String(value))}`).join('');
  return `${plain(line.part)}: ${session}${plain(line.say)}${tail}`;
}

function timeOfDay(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Nearly every value and sentence is of these, and needs no closer look. */
const simpleWord = /^[A-Za-z0-9_.:/@+<>[\]-]{1,200}$/;
const simpleText = /^[ -~]{0,200}$/;

/** A bare word when that is clear, else in double quotes. */
function quoted(value: string): string {
  if (simpleWord.test(value)) return value;
  if (/^[\p{L}\p{N}_.:/@+<>[\]-]+$/u.test(value) && value.length <= longestValue) return value;
  return `"${plain(value.replace(/["\\]/g, '\\$&'))}"`;
}

// Controls of C0 and C1 (ISO 6429: cursor movement, colours), line and paragraph separators, and
// the marks that turn the direction of writing (Unicode TR 9): with these a value could pretend.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function plain(value: string): string {
  if (simpleText.test(value)) return value;
  const cut = value.length > longestValue ? `${value.slice(0, longestValue)}...` : value;
  return cut.replace(unprintable, (one) => {
    const code = one.charCodeAt(0).toString(16);
    return shortEscapes[one] ?? `\\u${code.padStart(4, '0')}`;
  });
}
