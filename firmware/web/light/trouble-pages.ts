/*
 * The pages of the gate for a request that goes no further: refused by the judge, or broken off by
 * Node-RED. The sentences of a refusal are the judge's; nothing is decided here.
 */
import type { PassageEnd } from '../passage.ts';
import { html } from './html.ts';
import { trouble } from './page.ts';
import type { LightAnswer } from './route.ts';

export const passageTrouble: Readonly<
  Record<Exclude<PassageEnd, 'done' | 'refused'>, LightAnswer>
> = {
  broken: trouble(
    502,
    'The page broke off',
    'Node-RED, of which the pages are made, ended the connection. Mail is not touched by it; try again.',
  ),
  late: trouble(504, 'No answer', 'Node-RED took longer than two minutes. Try again.'),
  'too-long': trouble(413, 'Too long', 'What was sent is longer than the pages take (6 MB).'),
};

const refusalTitles: Readonly<Record<number, string>> = {
  401: 'Sign in first',
  403: 'Not from here',
  404: 'There is no such page',
  421: 'Another name',
};

/** Who is not let through, and what to do instead. */
export function refusalPage({ status, say }: { status: number; say: string }): LightAnswer {
  const home = html`<p class="buttons"><a class="button" href="/">To the first page</a></p>`;
  const onward = status === 421 ? undefined : home;
  return trouble(status, refusalTitles[status] ?? 'That did not work', say, onward);
}
