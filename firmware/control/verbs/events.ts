/*
 * `events`: how things stand, and with `--follow` what happens from now on: mail that arrives, the
 * queue, troubles and their end, the lamps, the button. For programs that act on it; `log` is for
 * people.
 */
import { ok } from '#base/result';
import type { BoxEvent } from '../types.ts';
import type { BoxVerb } from '../verb.ts';
import { counted, sizeInWords } from '../words.ts';

export const events: BoxVerb<readonly BoxEvent[]> = {
  words: ['events'],
  options: [{ name: 'follow', summary: 'stay, and print what happens' }],
  summary: 'queue, troubles and lamps as they are; with --follow also mail as it arrives',
  runs: 'box',
  reads: true,
  run: async (_call, box) => ok(await box.events.now()),
  render: (now) => now.map(eventInWords).join('\n'),
  follow: (_call, box, tell) => box.events.follow(tell),
  renderEvent: (event) => eventInWords(event as BoxEvent),
};

function eventInWords(event: BoxEvent): string {
  switch (event.event) {
    case 'mail': {
      const { account, from, subject, octets, id } = event;
      const about = subject === '' ? 'without a subject' : `"${subject}"`;
      return `mail for ${account} from ${from || 'nobody'}, ${about} (${sizeInWords(octets)}), ${id}`;
    }
    case 'queue': {
      const wait = event.messages === 1 ? 'waits' : 'wait';
      const held = event.held ? ', on hold' : '';
      return `queue: ${counted(event.messages, 'message')} ${wait}, ${event.sending} being sent${held}`;
    }
    case 'trouble':
      return `trouble with ${namedIn(event)}: ${event.say}`;
    case 'trouble-over':
      return `no more trouble with ${namedIn(event)}`;
    case 'button':
      return `button held for ${event.heldMs} ms: ${event.did}`;
    case 'lamps':
      return `lamps: ${event.lamps.map(({ name, pattern }) => `${name} ${pattern}`).join(', ')}`;
  }
}

function namedIn({ about, name }: { about: string; name: string }): string {
  return name === '' ? `the ${about}` : `the ${about} ${name}`;
}
