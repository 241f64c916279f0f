/*
 * What the world says about an uplink, made sense of with the tables of provider/ and explain.ts:
 * what it means for the mail, and a sentence for its people.
 */
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { uplinkKey } from '#mail/sign-ins/sign-in-key';
import type { Uplinks } from '#mail/uplinks/uplinks';
import type { Answer } from '#provider/answer';
import type { Meaning } from '#provider/meaning';
import type { ConnectTrouble } from './connection.ts';
import { explain, type MeaningOf } from './explain.ts';
import type { Sense, Way } from './ways.ts';

export interface ProviderSensePorts {
  readonly uplinks: Pick<Uplinks, 'byId'>;
  readonly signIns: Pick<HouseholdSignIns, 'secretOf'>;
  readonly meaningOf: MeaningOf;
  readonly clockIsSane: () => boolean;
}

export class ProviderSense implements Sense {
  readonly #ports: ProviderSensePorts;

  constructor(ports: ProviderSensePorts) {
    this.#ports = ports;
  }

  meaningOf(answer: Answer, provider: string): Meaning {
    return this.#ports.meaningOf(answer, provider);
  }

  explain(trouble: ConnectTrouble, { id, name }: Way): ReturnType<Sense['explain']> {
    const { uplinks, signIns, meaningOf, clockIsSane } = this.#ports;
    const uplink = uplinks.byId(id);
    if (uplink === undefined) return { kind: 'unreachable', say: `${name} was removed` };
    const secret = signIns.secretOf(uplinkKey(id));
    const oauth = typeof secret === 'object' && 'tokens' in secret;
    const about = { ...uplink, oauth, clockIsSane: clockIsSane() };
    const { kind, say, advice } = explain(trouble, about, meaningOf);
    // A certificate or a port may be the provider's to mend, as it may be ours: it is tried again.
    const ours = kind === 'sign-in' ? 'sign-in' : 'unreachable';
    return { kind: ours, say: advice === '' ? say : `${say}. ${advice}` };
  }
}
