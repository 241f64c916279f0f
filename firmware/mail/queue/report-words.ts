/*
 * What a report says to people: what happened, to whom, what they can do, and the server's own
 * words, as quoted ones. Plain text in lines that every client shows. Server's words, subjects and
 * reasons come from outside and are made harmless here.
 */
import { longestWords } from '../message/delivery-status.ts';
import { printable, wrap } from '../message/printable.ts';
import type { QueuedRecipient } from './queue.ts';
import type { FailedRecipient, ServerWords } from './reporting.ts';
import type { Addressee, ReportKind } from './who-is-told.ts';

/** What there is to say of a recipient; of one that was sent, only the server's words. */
export type RecipientNews = Pick<FailedRecipient, 'recipient' | 'words'> &
  Partial<Pick<FailedRecipient, 'why' | 'advice'>>;

export interface News {
  readonly kind: ReportKind;
  readonly stands: Addressee['stands'];
  /** Of the message; '' when it has none. */
  readonly subject: string;
  /** The reverse-path; '' for the null sender. */
  readonly sender: string;
  /** The receipt's id. */
  readonly name: string;
  readonly recipients: readonly RecipientNews[];
  /** How much of the message is attached. */
  readonly attached: 'whole' | 'headers' | 'nothing';
  /** When it was queued, and until when it is tried; milliseconds since 1970. */
  readonly queuedAt: number;
  readonly tryUntil?: number;
}

const lineWidth = 76;
/** Characters of a reason, an advice, or an address. */
const longestSentence = 600;

const titles = { failed: 'Not delivered', delayed: 'Still trying', relayed: 'Passed on' } as const;

export function titleOf(kind: ReportKind): string {
  return titles[kind];
}

export function reportSubject({ kind, subject }: Pick<News, 'kind' | 'subject'>): string {
  return `${titles[kind]}: ${subject === '' ? 'a message without subject' : subject}`;
}

/** Lines without their ends. */
export function reportText(news: News): string[] {
  const blocks = groups(news).flatMap((group, index) => {
    return index === 0 ? groupText(group) : [['and to:'], ...groupText(group)];
  });
  const paragraphs = [opening(news), ...blocks, ...closing(news)];
  return paragraphs.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** Those of whom the same is to be said stand together. What a sender can do, only senders hear. */
function groups({ stands, recipients }: News): RecipientNews[][] {
  const said = recipients.map(({ advice, ...news }): RecipientNews => {
    return stands === 'sender' && advice !== undefined ? { ...news, advice } : news;
  });
  const same = ({ recipient, ...news }: RecipientNews) => {
    return JSON.stringify([news, recipient.doubt]);
  };
  return [...Map.groupBy(said, same).values()];
}

const doubtful =
  'It may have arrived all the same: once, everything had been sent when the connection broke, ' +
  'before an answer came.';

/** Paragraphs: who, what happened, what to do, and what the server said. */
function groupText(group: readonly RecipientNews[]): string[][] {
  const [{ why, advice, words, recipient: { doubt = false } = {} } = {}] = group;
  const paragraphs = [group.map(({ recipient }) => indented(recipient.address)[0] ?? '')];
  if (why !== undefined) paragraphs.push(prose(sentence(why)));
  if (doubt && why !== undefined) paragraphs.push(prose(doubtful));
  if (advice !== undefined) paragraphs.push(prose(sentence(advice)));
  if (words !== undefined) {
    const who = printable(words.by, longestSentence) || 'The mail server';
    paragraphs.push(prose(`${who} said:`), indented(answerText(words)));
  }
  return paragraphs;
}

/** The answer as its server gave it, codes and all. */
export function answerText({ code, enhanced, text }: ServerWords): string {
  return printable([code, enhanced, text].filter(Boolean).join(' '), longestWords);
}

/** Recipients are named in a line up to so many. */
const namedAtMost = 3;

/** 'a@example.org, b@example.org and 2 more' */
export function namesOf(recipients: readonly Pick<QueuedRecipient, 'address'>[]): string {
  const named = recipients.slice(0, namedAtMost).map(({ address }) => address);
  const more = recipients.length - named.length;
  return printable(named.join(', '), longestSentence) + (more === 0 ? '' : ` and ${more} more`);
}

const becameOfIt = {
  failed: 'it did not reach',
  delayed: 'it takes long for',
  relayed: 'it was passed on for',
} as const;

/** A line for the history of the message: who was told. What a server said is noted by who asked. */
export function noteOn(
  kind: ReportKind,
  recipients: readonly Pick<QueuedRecipient, 'address'>[],
  stands: Addressee['stands'],
): string {
  const who = stands === 'sender' ? 'its sender' : 'the postmaster';
  return `${who} has been told that ${becameOfIt[kind]} ${namesOf(recipients)}`;
}

function opening({ kind, stands, subject, sender }: News): string[] {
  const named = subject === '' ? '' : ` "${printable(subject, longestSentence)}"`;
  switch (stands) {
    case 'for nobody':
      return prose(
        `An automatic message${named} from this house could not be delivered. It names no ` +
          'sender who could be told, so you are told as the postmaster of this house. It was for:',
      );
    case 'for who left':
      return prose(
        `A message${named} from ${printable(sender, longestSentence)} could not be delivered. ` +
          'Its sender does not live here any more, so you are told as the postmaster of this ' +
          'house. It was for:',
      );
    case 'sender': {
      const happened = {
        failed: 'could not be delivered to:',
        delayed: 'is still on its way to:',
        relayed: 'was passed on for:',
      };
      return prose(`Your message${named} ${happened[kind]}`);
    }
  }
}

const advices = {
  sender: 'The box does not try again: if it still matters, send it anew.',
  'for nobody': 'There is nothing you must do.',
  'for who left': 'You may want to let its sender know.',
} as const;

const attachments = {
  whole: ' Your message is attached.',
  headers: ' The head of the message, without its text, is attached.',
  nothing: ' The message itself cannot be read any more.',
} as const;

function closing(news: News): string[][] {
  const { kind, name, queuedAt, tryUntil = queuedAt } = news;
  const story = `For the whole story, ask the box: restante queue why ${printable(name, 40)}`;
  switch (kind) {
    case 'failed':
      return [prose(`${advices[news.stands]}${attachments[news.attached]}`), prose(story)];
    case 'delayed':
      return [
        prose(
          `It has been waiting in the box since ${moment(queuedAt)}. You need not do anything, and ` +
            `need not send it again: the box keeps trying until ${moment(tryUntil)}, and tells you if it ` +
            'has to give up.',
        ),
        prose(story),
      ];
    case 'relayed':
      return [
        prose(
          'The server that took it makes no reports of delivery, so this is the last that you ' +
            'hear of it, unless it comes back.',
        ),
      ];
  }
}

function prose(text: string): string[] {
  return wrap(text, lineWidth);
}

function indented(text: string): string[] {
  return wrap(printable(text, longestSentence), lineWidth - 2).map((line) => `  ${line}`);
}

function sentence(text: string): string {
  const line = printable(text, longestSentence);
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** 'Monday 2026-11-23 09:30', in the time zone of the house. */
function moment(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${days[date.getDay()]} ${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
