/*
 * Pages that any page may become: asking for a yes, and saying that the box is away. What a form
 * sent is repeated with the yes, but never its secret, which is out of the message by then.
 */

import type { Refused } from '../box.ts';
import type { Asked } from '../page/asked.ts';
import { full } from './words.ts';

export function confirmView(asked: Asked, refused: Refused): object {
  const fields = Object.entries(asked.fields).filter(([name]) => name !== 'yes');
  return {
    say: full(refused.say),
    action: asked.path,
    back: asked.path.split('/').slice(0, 2).join('/') || '/',
    fields: fields.map(([name, value]) => ({ name, value })),
  };
}

export function awayView(refused: Refused): object {
  return { say: full(refused.say) };
}

/** What is wrong with what a form sent. */
export function faultOf({ refusal }: Asked, ...verbs: readonly string[]): object | undefined {
  if (refusal === undefined) return undefined;
  const asked = refusal.asked ?? '';
  if (verbs.length > 0 && !verbs.includes(asked)) return undefined;
  return { say: full(refusal.say) };
}
