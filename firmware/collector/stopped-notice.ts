/* The local mail to whose source needs a person: what is wrong, and what to do. */
import type { Notice } from '#mail/notices';
import type { Trouble } from './attended-source.ts';

/** `stopped`: it is not tried again before somebody has done something. */
export function stoppedNotice(name: string, { say, advice }: Trouble, stopped: boolean): Notice {
  const goesOn = stopped
    ? 'It is not tried again until you have done something about it, because asking again and ' +
      'again with a wrong password gets accounts locked. No mail is lost: it waits there.'
    : 'It is tried again from time to time. No mail is lost: it waits there.';
  return {
    subject: `Your mail at ${name} is not collected`,
    paragraphs: [
      `The box cannot collect your mail from ${name}: ${say}.`,
      ...(advice === '' ? [] : [`${advice}.`]),
      `${goesOn} Whether it works then is said by "restante source test ${name}".`,
    ],
    once: `source ${name} is not collected: ${say}`,
  };
}
