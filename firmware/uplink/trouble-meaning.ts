/*
 * What a connection that failed means for its uplink. Most is known by the stage that was reached;
 * but a server that says why has the word, when that is a limit of its own. The sentences are
 * explain.ts's and the table's in provider/.
 */
import type { Worsening } from './condition.ts';
import type { ConnectTrouble } from './connection.ts';
import type { Sense, Way } from './ways.ts';

/** It may pass. */
export interface Unreachable {
  readonly kind: 'unreachable';
  readonly say: string;
}

export function meaningOfTrouble(
  trouble: ConnectTrouble,
  way: Way,
  sense: Sense,
): Worsening | Unreachable {
  const { answer } = trouble;
  const meaning = answer && sense.meaningOf(answer, way.provider);
  if (meaning?.kind === 'quota') return meaning;
  const { kind, say } = sense.explain(trouble, way);
  return { kind, say };
}
