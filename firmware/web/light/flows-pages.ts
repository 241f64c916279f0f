/*
 * What is shown in place of a page while Node-RED is not there: one moment (it starts), what is
 * wrong and what to do (it does not), or that it is switched off. No script: the page is asked for
 * again by itself, and the bar moves by the time that the last start took.
 */
import { sentence } from '#control/words';
import type { FlowsCondition } from '../flows/flows-power.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { LightAnswer } from './route.ts';

export interface FlowsPageWords {
  /** How a command is written here: `restante settings set flows.run demand`. */
  readonly command: (words: string) => string;
}

const lookAgain = 2;

/** `place`: where the browser wanted to go. */
export function flowsPage(
  condition: FlowsCondition,
  place: string,
  words: FlowsPageWords,
): LightAnswer {
  if (condition.kind === 'failed') return failedPage(condition, place);
  const progress = condition.kind === 'starting' ? condition.progress : 0;
  const percent = Math.max(4, Math.round(progress * 100));
  const seconds = condition.kind === 'starting' ? Math.ceil(condition.left / 1_000) : undefined;
  const patience = patienceOf(seconds);
  if (condition.kind === 'off') return offPage(words);
  return page({
    title: 'One moment',
    status: 503,
    again: lookAgain,
    headers: { 'retry-after': String(lookAgain) },
    body: html`<h1>One moment, please</h1>
<p>The pages rest while nobody looks at them, and are waking up. ${patience}</p>
<progress max="100" value="${percent}" aria-label="The pages are starting">${percent}%</progress>
<p class="soft">Mail comes and goes meanwhile. If nothing happens,
<a href="${place}">look again</a>.</p>`,
  });
}

function patienceOf(seconds: number | undefined): string {
  if (seconds === undefined) return 'This takes some seconds.';
  if (seconds < 1) return 'It takes a little longer than the last time.';
  return seconds === 1 ? 'About one second more.' : `About ${seconds} seconds more.`;
}

function failedPage(
  { say, again }: Extract<FlowsCondition, { kind: 'failed' }>,
  place: string,
): LightAnswer {
  const seconds = Math.ceil(again / 1_000);
  const wait =
    seconds === 0 ? undefined : html` The next try is made after ${seconds} s at the earliest.`;
  return page({
    title: 'The pages do not start',
    status: 503,
    headers: { 'retry-after': String(Math.max(seconds, 1)) },
    body: html`<h1>The pages do not start</h1>
<p>Node-RED, of which they are made, is down. Mail comes and goes all the same.</p>
<pre class="code">${sentence(say)}</pre>
<p class="buttons"><a class="button" href="${place}">Try again</a></p>
<p class="soft">If that does not help, switch the box off and on; <code>restante log</code> tells
more.${wait}</p>`,
  });
}

export function offPage({ command }: FlowsPageWords): LightAnswer {
  return page({
    title: 'The pages are switched off',
    status: 503,
    body: html`<h1>The pages are switched off</h1>
<p>Node-RED, of which they are made, does not run on this box: the setting flows.run is off. Mail
comes and goes all the same.</p>
<p>To have them back, run this on the box:</p>
<pre class="code">${command('settings set flows.run demand')}</pre>`,
  });
}
