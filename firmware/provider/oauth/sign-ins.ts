/*
 * New sign-ins, from the first step to the tokens. One that was begun lives in memory for 15
 * minutes; a restart forgets it, and the person begins anew. Beginning again for the same one
 * forgets what was begun before.
 */
import { type Clock, pause } from '#base/clock';
import type { Random } from '#base/random';
import { type Failure, failed, ok, type Result, refusal, trouble } from '#base/result';
import { askForTokens, codeForm, deviceForm, type Form } from './asking.ts';
import { addressToOpen, type CodeSecrets, newSecrets, readPasted } from './authorization-code.ts';
import { type DeviceCode, nextPoll, readDeviceAnswer } from './device-code.ts';
import { noClient, type OAuthProvider } from './endpoints.ts';
import type { HttpsPost, OAuthTrouble } from './ports.ts';
import type { OAuthProviders } from './providers.ts';
import { missingScope } from './token-answer.ts';
import { type Granted, type Tokens, tokensFrom } from './tokens.ts';
import { deniedWords, unfitWords, unreachableWords } from './words.ts';

/** What the person has to do. */
export type BegunSignIn =
  /** Open the address on any screen and type the code. */
  | {
      readonly step: 'device';
      readonly address: string;
      readonly code: string;
      readonly expiresAt: number;
    }
  /** Open the address on a computer, sign in, paste back where the browser was sent. */
  | { readonly step: 'paste'; readonly address: string };

export interface SignInPorts<Id> {
  readonly https: HttpsPost;
  readonly providers: OAuthProviders;
  readonly clock: Clock;
  readonly random: Random;
  readonly clockIsSane: () => boolean;
  /** Keeps the tokens: AccessTokens.adopt. */
  readonly adopt: (id: Id, tokens: Tokens) => Promise<Result<void>>;
}

interface Begun {
  readonly provider: OAuthProvider;
  /** On the clock that only grows. */
  readonly endsAt: number;
  readonly open: { readonly device: DeviceCode } | { readonly secrets: CodeSecrets };
  /** Whoever waits for the code to be typed, all wait for the same. */
  waiting?: Promise<Result<void>>;
}

/** RFC 6749 §4.1.2 recommends 10 minutes for a code; ours includes signing in, and finding a phone. */
const lifetime = 15 * 60_000;

export class SignIns<Id extends string | number> {
  readonly #ports: SignInPorts<Id>;
  readonly #begun = new Map<Id, Begun>();

  constructor(ports: SignInPorts<Id>) {
    this.#ports = ports;
  }

  /** `provider` is a key of endpoints.ts, `login` the name that is to sign in. */
  async begin(id: Id, providerKey: string, login?: string): Promise<Result<BegunSignIn>> {
    this.#forgetOld();
    const provider = await this.#ports.providers.provider(providerKey);
    if (!provider.ok) return provider;
    if (provider.value.client === '') return failed(noClient(provider.value));
    if (provider.value.way.kind === 'device') return this.#beginDevice(id, provider.value);
    const secrets = newSecrets(this.#ports.random);
    this.#keep(id, provider.value, { secrets }, lifetime);
    return ok({ step: 'paste', address: addressToOpen(provider.value, secrets, login) });
  }

  /** Asks until the code was typed, refused, or has run out. */
  async wait(id: Id): Promise<Result<void>> {
    const begun = this.#current(id);
    if (begun === undefined || !('device' in begun.open)) return failed(notBegun);
    begun.waiting ??= this.#poll(id, begun, begun.open.device);
    return begun.waiting;
  }

  /** `pasted`: the address that the browser was sent to, or the code in it. */
  async finish(id: Id, pasted: string): Promise<Result<void>> {
    const begun = this.#current(id);
    if (begun === undefined || !('secrets' in begun.open)) return failed(notBegun);
    const { provider, open } = begun;
    const code = readPasted(pasted, open.secrets.state);
    if (!code.ok) {
      if (code.error.kind === 'refusal') return failed(code.error);
      this.#begun.delete(id);
      return failed(asFailure(deniedWords(provider, 'sign-in', code.error)));
    }
    const form = codeForm(provider, code.value, open.secrets.verifier);
    const granted = await askForTokens(this.#ports, provider, form);
    if (granted.ok) return this.#complete(id, begun, granted.value);
    // A code that the server has seen is spent; one that never got there can be pasted again.
    if (granted.error.kind !== 'denied') return failed(asFailure(granted.error));
    this.#begun.delete(id);
    return failed(asFailure(deniedWords(provider, 'sign-in', granted.error)));
  }

  async #beginDevice(id: Id, provider: OAuthProvider): Promise<Result<BegunSignIn>> {
    const { https, clock, clockIsSane } = this.#ports;
    const { way, client, scope, ca } = provider;
    // RFC 8628 §3.1.
    const form: Form = { client_id: client, scope };
    const reply = await https.post(way.address, form, ca);
    if (!reply.ok) {
      return failed(asFailure(unreachableWords(provider, way.address, reply.error, clockIsSane())));
    }
    const device = readDeviceAnswer(reply.value);
    if (!device.ok) {
      const { error } = device;
      if (error.kind === 'denied')
        return failed(asFailure(deniedWords(provider, 'sign-in', error)));
      return failed(asFailure(unfitWords(provider, way.address, error.detail)));
    }
    const { address, userCode } = device.value;
    const lives = Math.min(device.value.lifetime, lifetime);
    this.#keep(id, provider, { device: device.value }, lives);
    return ok({ step: 'device', address, code: userCode, expiresAt: clock.now() + lives });
  }

  async #poll(id: Id, begun: Begun, device: DeviceCode): Promise<Result<void>> {
    const { clock } = this.#ports;
    const { provider } = begun;
    let { interval } = device;
    for (;;) {
      await pause(clock, interval);
      // It ran out, was finished, or somebody began anew.
      if (this.#current(id) !== begun) return failed(ranOut);
      const form = deviceForm(provider, device.deviceCode);
      const answer = await askForTokens(this.#ports, provider, form);
      if (answer.ok) return this.#complete(id, begun, answer.value);
      const { error } = answer;
      const next = nextPoll(error.kind === 'denied' ? error : 'silence', interval);
      if (next.kind === 'again') {
        interval = next.interval;
        continue;
      }
      this.#drop(id, begun);
      const words = error.kind === 'denied' ? deniedWords(provider, 'sign-in', error) : error;
      return failed(asFailure(words));
    }
  }

  async #complete(id: Id, begun: Begun, granted: Granted): Promise<Result<void>> {
    const { provider } = begun;
    if (this.#begun.get(id) !== begun) return failed(ranOut);
    this.#begun.delete(id);
    const { name, key, client, scope, token: server } = provider;
    const missing = missingScope(scope, granted.scope);
    if (missing !== undefined) {
      const say = `${name} did not allow sending and reading mail. Begin anew, and leave every tick where it is.`;
      return failed(refusal('missing-scope', say));
    }
    const { refresh } = granted;
    if (refresh === undefined) {
      const say =
        `${name} let the box in for a moment only (without a refresh token), which is of no use. ` +
        'Check what the OAuth client may do there, and begin anew.';
      return failed(refusal('no-refresh-token', say));
    }
    // RFC 6749 §5.1: without a word it is what was asked for.
    const whole = { scope, ...granted, refresh };
    const now = this.#ports.clock.now();
    const tokens = tokensFrom(key, client, whole, now);
    return this.#ports.adopt(id, { ...tokens, server });
  }

  #keep(id: Id, provider: OAuthProvider, open: Begun['open'], lives: number): void {
    this.#begun.set(id, { provider, open, endsAt: this.#ports.clock.elapsed() + lives });
  }

  #current(id: Id): Begun | undefined {
    const begun = this.#begun.get(id);
    return begun !== undefined && this.#ports.clock.elapsed() < begun.endsAt ? begun : undefined;
  }

  #drop(id: Id, begun: Begun): void {
    if (this.#begun.get(id) === begun) this.#begun.delete(id);
  }

  #forgetOld(): void {
    for (const id of this.#begun.keys())
      if (this.#current(id) === undefined) this.#begun.delete(id);
  }
}

const notBegun = refusal(
  'not-begun',
  'No sign-in is under way, or it took longer than 15 minutes. Begin it anew.',
);

const ranOut = refusal(
  'ran-out',
  'The code ran out before it was used, or somebody began anew. Begin the sign-in anew.',
);

/** As the verbs of the box want it. */
function asFailure({ kind, code, say, detail }: OAuthTrouble): Failure {
  return kind === 'sign-in' ? refusal(code, say) : trouble(code, say, detail);
}
