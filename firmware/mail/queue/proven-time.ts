/*
 * What the queue itself proves about the two times: they are saved now and then, and a power cut
 * may lose the last of it, but rows were written later. A message was born in ageing time and was
 * due at once in box time, so neither can be earlier now. Pure.
 */
import type { AgeingTime, BoxTime, QueueState } from './queue.ts';

export interface TimeProof {
  /** The latest due of a recipient that has not been tried. */
  readonly box: BoxTime;
  /** The latest birth. */
  readonly ageing: AgeingTime;
}

/** The saved state, moved on to where it must have been. Box time runs whenever ageing time does,
 * and the wall clock whenever box time does. */
export function notBefore(saved: QueueState, proof: TimeProof): QueueState {
  const ahead = Math.max(0, proof.box - saved.box, proof.ageing - saved.ageing);
  if (ahead === 0) return saved;
  return {
    ...saved,
    box: saved.box + ahead,
    ageing: Math.max(saved.ageing, proof.ageing),
    wall: saved.wall === 0 ? 0 : saved.wall + ahead,
  };
}
