/* Sources, and what was collected from them, in words for a person. */
import { joinFolders } from '#mail/sources/folder-names';
import type { SourceCollectReport, SourceReport } from '../types.ts';
import { columns, counted, durationInWords, momentInWords } from '../words.ts';
import { placeOf } from './servers.ts';

export function addedInWords(one: SourceReport): string {
  const steps = [
    ...(one.first === undefined ? [] : [one.first]),
    ...(one.signIn === 'missing' ? signInFirst(one) : []),
    ...(one.signIn !== 'missing' && one.say !== '' ? [`${one.say}.`.replace(/\.\.$/, '.')] : []),
    ...(one.alike ?? []).map((name) => `${name} collects from the same mailbox: ${comesTwice}`),
    `See whether it works: restante source test ${one.name}`,
  ];
  const how = `by ${protocolOf(one)} from ${placeOf(one)}`;
  return [`${one.name} is collected for ${one.account} ${how}.`, habitsOf(one), ...steps].join(
    '\n',
  );
}

const comesTwice = 'what lies there comes once from each, and so twice.';

export function changedInWords(one: SourceReport): string {
  return `${addedInWords(one)}\nWhat was collected before stays known.`;
}

/** One row for each source, with what is wrong below it; '' when there is none. */
export function sourcesInWords(sources: readonly SourceReport[]): string {
  const rows = columns(
    sources.map((one) => [
      one.name,
      `for ${one.account}`,
      `${protocolOf(one)} ${placeOf(one)}`,
      one.user,
      healthInWords(one),
      `${counted(one.messages, 'message')} collected`,
    ]),
  ).split('\n');
  return sources
    .flatMap((one, index) => [
      rows[index] ?? '',
      `  ${habitsOf(one)}`,
      ...(one.say === '' ? [] : [`  ${one.say}`]),
    ])
    .join('\n');
}

/** What each look brought. */
export function collectedInWords(reports: readonly SourceCollectReport[]): string {
  if (reports.length === 0) {
    return 'Nothing is collected: there is no source, or each is paused. See: restante source list';
  }
  return reports.map(lookInWords).join('\n');
}

function lookInWords(one: SourceCollectReport): string {
  const counts = [
    [one.known, 'here already'],
    [one.skipped, 'older than is to be collected'],
    [one.tooLarge, 'too large'],
    [one.removed, 'removed there'],
  ] as const;
  const others = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  const brought = [`${counted(one.collected, 'message')} collected`, ...others].join(', ');
  return `${one.name}: ${brought}.${one.say === '' ? '' : ` ${one.say}`}`;
}

function protocolOf({ protocol }: SourceReport): string {
  return { pop3: 'POP3', imap: 'IMAP' }[protocol];
}

function signInFirst({ name }: SourceReport): string[] {
  return [
    `Nobody has signed in there yet: restante source password ${name}, or on the provider's own`,
    `pages: restante source signin ${name}`,
  ];
}

/** 'INBOX, Sent; from 30 days back; every 5 minutes; what is safe here stays there'. */
function habitsOf({ folders, since, keep, everySeconds }: SourceReport): string {
  const back = { all: 'all that lies there', now: 'what comes from now on' }[since];
  const stays = { forever: 'stays there', delete: 'is removed there at once' }[keep];
  return [
    ...(folders.length === 0 ? [] : [joinFolders(folders)]),
    back ?? `from ${counted(Number.parseInt(since, 10), 'day')} back`,
    `every ${durationInWords(everySeconds)}`,
    `what is safe here ${stays ?? `is removed there after ${counted(Number.parseInt(keep, 10), 'day')}`}`,
  ].join('; ');
}

function healthInWords({ condition, lastAt, nextAt, signIn }: SourceReport): string {
  const again = nextAt === undefined ? '' : `, tried again ${momentInWords(nextAt)}`;
  const isAsked = condition === 'paused' || condition === 'collecting' || condition === 'no-room';
  if (signIn === 'missing' && !isAsked) return 'not signed in yet';
  switch (condition) {
    case 'well':
      return lastAt === undefined ? 'not looked into yet' : `well, at ${momentInWords(lastAt)}`;
    case 'collecting':
      return 'collecting now';
    case 'waiting':
      return `waits${again}`;
    case 'unreachable':
      return `cannot be reached${again}`;
    case 'sign-in':
      return 'refuses the sign-in';
    case 'settings':
      return `needs somebody${again}`;
    case 'paused':
      return 'paused';
    case 'no-room':
      return 'rests, for the disk is nearly full';
  }
}
