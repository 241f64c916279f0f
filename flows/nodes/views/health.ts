/*
 * What is wrong with the box, in plain words, each with what to do: for the page Home. Pure; it
 * reads the same reports that the command line prints.
 */
import type { SourceReport, StatusReport } from '#control/types';
import { capital, counted, full } from './words.ts';

export interface Trouble {
  readonly say: string;
  /** Where it can be mended. */
  readonly to?: string;
  /** What to do there. */
  readonly todo?: string;
}

/** A source may rest; a person wanted it, or it goes on by itself. */
const fine: ReadonlySet<SourceReport['condition']> = new Set([
  ...(['well', 'collecting', 'waiting', 'paused'] as const),
]);

export function troublesOf(status: StatusReport, sources: readonly SourceReport[]): Trouble[] {
  const troubles: Trouble[] = [];
  const { store, clock, queue, uplinks } = status;
  if (store.say !== undefined) {
    troubles.push({ say: full(store.say), to: '/box', todo: 'See how full the box is' });
  }
  if (!clock.sane) troubles.push({ say: full(clock.say) });
  for (const uplink of uplinks) {
    const isMissing = uplink.signIn === 'missing';
    if (uplink.condition === 'well' && !isMissing) continue;
    const say = full(uplink.say || 'It is not signed in yet');
    const wantsPerson = uplink.condition === 'sign-in' || isMissing;
    troubles.push({
      say: `Sending by ${capital(uplink.name)}: ${say}`,
      to: `/providers#uplink-${uplink.name}`,
      todo: wantsPerson ? 'Sign in again' : 'Look at it',
    });
  }
  for (const source of sources) {
    if (fine.has(source.condition) && source.signIn !== 'missing') continue;
    troubles.push({
      say: `Collecting from ${capital(source.name)}: ${full(source.say || 'It is not signed in yet')}`,
      to: `/providers#source-${source.name}`,
      todo: source.condition === 'sign-in' ? 'Sign in again' : 'Look at it',
    });
  }
  if (queue.withoutUplink > 0) {
    const waits = counted(queue.withoutUplink, 'message');
    const verb = queue.withoutUplink === 1 ? 'waits' : 'wait';
    troubles.push({
      say: `${waits} ${verb} because no provider serves the sender.`,
      to: '/providers',
      todo: 'Connect a provider',
    });
  }
  const told = troubles.map(({ say }) => say);
  // `status` tells these with a name before them, as it is typed.
  const ways = [...uplinks, ...sources].filter(({ say }) => say !== '').map(({ say }) => full(say));
  for (const warning of status.warnings) {
    const say = full(warning);
    if (told.some((one) => one.includes(say)) || ways.some((one) => say.endsWith(one))) continue;
    // Whoever locks somebody out by guessing; the person's page lets them in again.
    const about = status.accounts.find(({ name }) => warning.startsWith(`${capital(name)}'s `));
    const todo = about && { to: `/people/${about.name}`, todo: `Look at ${capital(about.name)}` };
    troubles.push({ say, ...(todo ?? pageIn(say)) });
  }
  return troubles;
}

/** A sentence that says on which page something is mended leads there. */
function pageIn(say: string): Pick<Trouble, 'to' | 'todo'> {
  const [, page] = /\bthe page (Box|People|Providers|Settings)\b/.exec(say) ?? [];
  return page === undefined ? {} : { to: `/${page.toLowerCase()}`, todo: `Open ${page}` };
}
