/*
 * The one local mail about a message that is too large to be collected: who wrote it, about what, how
 * large it is, where it lies, and what its owner can do.
 */
import { summaryOf } from '#mail/message/summary';
import type { Notice } from '#mail/notices';

export interface LargeMessage {
  /** The name of the source. */
  readonly source: string;
  readonly folder: string;
  readonly uid: string;
  readonly octets: number;
  /** More may be to come: the source's word was not to be trusted. */
  readonly atLeast: boolean;
  readonly largest: number;
  /** Its header section, or some of it. */
  readonly header: Buffer;
}

export function largeNotice(message: LargeMessage): Notice {
  const { source, folder, uid, octets, largest } = message;
  const { from, subject } = summaryOf(message.header);
  const where = folder === '' ? source : `the folder ${folder} of ${source}`;
  const [size, most] = sizesInWords(octets, largest);
  return {
    subject: `A message at ${source} is too large to be collected`,
    paragraphs: [
      `A message of ${message.atLeast ? 'more than ' : ''}${size} lies at ${where} ` +
        `and was not collected: the box takes messages of up to ${most}.`,
      `From: ${from === '' ? 'not said' : from}`,
      `Subject: ${subject === '' ? 'not said' : subject}`,
      'Read it there with another program, or raise the setting collect.largest: then it is ' +
        'collected the next time. It is not removed at the source.',
    ],
    once: `too large: ${source} ${folder} ${uid}`,
  };
}

/** A message is larger than the limit in words, too, however little it is. */
function sizesInWords(octets: number, largest: number): readonly [string, string] {
  const [size, most] = [megabytes(octets), megabytes(largest)];
  return size === most ? [`${octets} octets`, `${largest} octets`] : [size, most];
}

function megabytes(octets: number): string {
  const number = octets / 1_048_576;
  return `${number < 10 ? number.toFixed(1) : Math.round(number)} MB`;
}
