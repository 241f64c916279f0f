/*
 * Keeps people signed in: gives out access tokens, renews them when they near their end, one
 * renewal at a time for each, and tells when a sign-in dies. Where a provider replaces the refresh
 * token at each renewal, the new one is the only one that still counts: it is on disk before the
 * access token beside it is used. Should the power go between the provider's answer and that
 * moment, the sign-in may be lost; the person is told, and no mail is.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { type Failure, failed, ok, type Result } from '#base/result';
import { askForTokens, renewalForm } from './asking.ts';
import type { MailUse } from './endpoints.ts';
import type { HttpsPost, OAuthTrouble, TokenVault } from './ports.ts';
import type { OAuthProviders } from './providers.ts';
import { lackOf } from './scopes.ts';
import {
  ageOf,
  dayMs,
  formatTokens,
  isFresh,
  parseTokens,
  renewed,
  type Tokens,
} from './tokens.ts';
import { deniedWords, movedCode, movedWords } from './words.ts';

/** A sign-in needs a person: it dies at `endsAt`, or its provider renews it no more. */
export interface SignInWarning<Id> {
  readonly id: Id;
  readonly kind: 'dying' | 'refused';
  readonly say: string;
  readonly endsAt?: number;
}

/** How a sign-in stands, for `status`. `endsAt`: it dies then unless somebody signs in anew. */
export type SignInHealth =
  | { readonly kind: 'none' }
  | { readonly kind: 'well'; readonly endsAt?: number }
  | { readonly kind: 'dying'; readonly endsAt: number }
  | { readonly kind: 'refused'; readonly say: string };

export interface AccessTokenPorts<Id> {
  readonly vault: TokenVault<Id>;
  readonly https: HttpsPost;
  readonly providers: OAuthProviders;
  readonly clock: Clock;
  readonly clockIsSane: () => boolean;
  readonly warn: (warning: SignInWarning<Id>) => void;
  readonly log: Log;
}

/** What is in memory of one sign-in. All of it may be lost. */
interface Remembered {
  /** Tokens that could not be saved, and what lay in the vault then. */
  readonly unsaved?: { readonly over: string; readonly tokens: Tokens };
  /** The mail server refused this access token, whatever its age. */
  readonly distrusted?: string;
  /** The access token before this one. */
  readonly former?: string;
  /** The provider refused this refresh token at that (elapsed) time. */
  readonly refused?: {
    readonly refresh: string;
    readonly at: number;
    readonly trouble: OAuthTrouble;
  };
  /** This end was warned of. */
  readonly warned?: string;
}

/** A refused sign-in is asked for again so rarely; providers lock out who hammers. */
const refusedFor = 10 * 60_000;
const firstCare = 5 * 60_000;

export class AccessTokens<Id extends string | number> {
  readonly #ports: AccessTokenPorts<Id>;
  readonly #remembered = new Map<Id, Remembered>();
  readonly #renewals = new Map<Id, Promise<Result<string, OAuthTrouble>>>();
  /** The last change of each sign-in; changes of one run one after the other. */
  readonly #lanes = new Map<Id, Promise<unknown>>();
  #timer: Disposable | undefined;

  constructor(ports: AccessTokenPorts<Id>) {
    this.#ports = ports;
  }

  /** Looks after all sign-ins soon, and then once a day. */
  start(): void {
    this.#careAfter(firstCare);
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** An access token that is good for some minutes at least. Renews it first when need be. */
  async accessTokenFor(id: Id): Promise<Result<string, OAuthTrouble>> {
    const held = this.#held(id);
    if (held === undefined) return failed(notSignedIn);
    return this.#isUsable(id, held) ? ok(held.tokens.access) : this.#renew(id, false);
  }

  /** Another access token, because the mail server refused this one, whatever its age. */
  async inPlaceOf(access: string): Promise<Result<string, OAuthTrouble>> {
    for (const id of this.#ports.vault.signedIn()) {
      if (this.#held(id)?.tokens.access === access) {
        this.#remember(id, { distrusted: access });
        return this.#renew(id, false);
      }
      // Another connection came with the same one, and was quicker.
      if (this.#remembered.get(id)?.former === access) return this.accessTokenFor(id);
    }
    return failed(changedMeanwhile);
  }

  /** Keeps the tokens of a new sign-in, in place of whatever there was. */
  adopt(id: Id, tokens: Tokens): Promise<Result<void>> {
    return this.#inLane(id, async () => {
      const saved = await this.#ports.vault.save(id, formatTokens(tokens));
      if (saved.ok) this.#remembered.delete(id);
      return saved;
    });
  }

  /** Why the sign-in is of no use for this, as far as is known. */
  lack(id: Id, use: MailUse): OAuthTrouble | undefined {
    const tokens = this.#held(id)?.tokens;
    return tokens && lackOf(tokens, use);
  }

  health(id: Id): SignInHealth {
    const tokens = this.#held(id)?.tokens;
    if (tokens === undefined) return { kind: 'none' };
    const refused = this.#refusal(id, tokens);
    if (refused !== undefined) return { kind: 'refused', say: refused.trouble.say };
    const { endsAt, dying } = ageOf(tokens, this.#ports.clock.now());
    if (endsAt !== undefined && dying !== 'no' && this.#ports.clockIsSane()) {
      return { kind: 'dying', endsAt };
    }
    // An end that using it puts off is no news to anybody.
    const { refreshEndsAt } = tokens;
    return { kind: 'well', ...(refreshEndsAt === undefined ? {} : { endsAt: refreshEndsAt }) };
  }

  /** Uses the sign-ins that have not been used for long, and warns of those that die. */
  async care(): Promise<void> {
    // Without the time of day nobody can tell what is old.
    if (!this.#ports.clockIsSane()) return;
    const ids = this.#ports.vault.signedIn();
    for (const id of this.#remembered.keys()) {
      if (!ids.includes(id)) this.#remembered.delete(id);
    }
    for (const id of ids) await this.#careFor(id);
  }

  #careAfter(ms: number): void {
    this.#timer = this.#ports.clock.after(ms, () => {
      this.#careAfter(dayMs);
      this.care().catch((error) => {
        this.#ports.log.error('Looking after the sign-ins failed', { error: String(error) });
      });
    });
  }

  async #careFor(id: Id): Promise<void> {
    const { clock } = this.#ports;
    const before = this.#held(id)?.tokens;
    if (before !== undefined && ageOf(before, clock.now()).shouldRenew) {
      await this.#renew(id, true);
    }
    const after = this.#held(id)?.tokens;
    if (after === undefined || this.#refusal(id, after) !== undefined) return;
    const { endsAt, dying } = ageOf(after, clock.now());
    if (endsAt === undefined || dying === 'no') return;
    // Said twice for each end: some days before, and on the last.
    const warned = `${dying} ${after.refresh}`;
    if (this.#remembered.get(id)?.warned === warned) return;
    this.#remember(id, { warned });
    const day = new Date(endsAt).toISOString().slice(0, 10);
    const say =
      endsAt > clock.now()
        ? `The sign-in ends on ${day}. Sign in anew before then, and no mail has to wait.`
        : `The sign-in was to end on ${day}. Sign in anew.`;
    this.#ports.warn({ id, kind: 'dying', say, endsAt });
  }

  /** Whoever comes while a renewal runs gets what it brings. */
  #renew(id: Id, evenFresh: boolean): Promise<Result<string, OAuthTrouble>> {
    const running = this.#renewals.get(id);
    if (running !== undefined) return running;
    const renewal = this.#inLane(id, () => this.#renewNow(id, evenFresh)).finally(() => {
      this.#renewals.delete(id);
    });
    this.#renewals.set(id, renewal);
    return renewal;
  }

  async #renewNow(id: Id, evenFresh: boolean): Promise<Result<string, OAuthTrouble>> {
    const before = this.#held(id);
    if (before !== undefined && !before.isSaved) {
      const saved = await this.#save(id, before.text, before.tokens);
      if (!saved.ok) return saved;
    }
    const held = this.#held(id);
    if (held === undefined) return failed(notSignedIn);
    const { text, tokens } = held;
    if (!evenFresh && this.#isUsable(id, { tokens, isSaved: true })) return ok(tokens.access);
    const refused = this.#refusal(id, tokens);
    const { clock } = this.#ports;
    // Of an address that was changed no provider has heard, and it may be right again.
    const wasAsked = refused !== undefined && refused.trouble.code !== movedCode;
    if (wasAsked && clock.elapsed() - refused.at < refusedFor) return failed(refused.trouble);
    const fresh = await this.#askAnew(id, tokens);
    if (!fresh.ok) return fresh;
    return this.#save(id, text, fresh.value);
  }

  async #askAnew(id: Id, tokens: Tokens): Promise<Result<Tokens, OAuthTrouble>> {
    const { providers, clock } = this.#ports;
    const provider = await providers.provider(tokens.provider);
    if (!provider.ok) {
      const { code, say } = provider.error;
      return failed({ kind: 'sign-in', code, say, detail: say });
    }
    const { token: server } = provider.value;
    if (tokens.server !== undefined && tokens.server !== server) {
      return failed(this.#refuse(id, tokens, movedWords(provider.value, tokens.server)));
    }
    const answer = await askForTokens(
      this.#ports,
      provider.value,
      renewalForm(provider.value, tokens),
    );
    if (answer.ok) {
      const { refused: _, ...rest } = this.#remembered.get(id) ?? {};
      this.#remembered.set(id, { ...rest, former: tokens.access });
      return ok({ ...renewed(tokens, answer.value, clock.now()), server });
    }
    if (answer.error.kind !== 'denied') return failed(answer.error);
    return failed(this.#refuse(id, tokens, deniedWords(provider.value, 'renewal', answer.error)));
  }

  /** A person is needed, and hears of it once. */
  #refuse(id: Id, tokens: Tokens, trouble: OAuthTrouble): OAuthTrouble {
    const { clock, log } = this.#ports;
    const isNews = this.#refusal(id, tokens) === undefined;
    this.#remember(id, {
      refused: { refresh: tokens.refresh, at: clock.elapsed(), trouble },
    });
    log[isNews ? 'warn' : 'debug']('A sign-in is not renewed', { id, detail: trouble.detail });
    if (isNews) this.#ports.warn({ id, kind: 'refused', say: trouble.say });
    return trouble;
  }

  /** On disk first, in use then. `over` is what lies in the vault. */
  async #save(id: Id, over: string, tokens: Tokens): Promise<Result<string, OAuthTrouble>> {
    const { vault, log } = this.#ports;
    const saved = await vault.replace(id, over, formatTokens(tokens));
    if (saved.ok) {
      this.#forgetUnsaved(id);
      // A password, a new sign-in or nothing stands there by now: what was got is for nobody.
      return saved.value ? ok(tokens.access) : failed(changedMeanwhile);
    }
    this.#remember(id, { unsaved: { over, tokens } });
    log.warn('The tokens of a sign-in could not be saved', { id, detail: detailOf(saved.error) });
    // The refresh token on disk is the same: nothing is lost when the power goes.
    if (parseTokens(over)?.refresh === tokens.refresh) return ok(tokens.access);
    return failed({
      kind: 'unreachable',
      code: 'not-saved',
      say: `The renewed sign-in could not be saved, so it is not used yet: ${saved.error.say}`,
      detail: detailOf(saved.error),
    });
  }

  /** The tokens that count, and what lies in the vault. */
  #held(
    id: Id,
  ): { readonly text: string; readonly tokens: Tokens; readonly isSaved: boolean } | undefined {
    const text = this.#ports.vault.load(id);
    if (text === undefined) return undefined;
    const unsaved = this.#remembered.get(id)?.unsaved;
    if (unsaved?.over === text) return { text, tokens: unsaved.tokens, isSaved: false };
    const tokens = parseTokens(text);
    return tokens && { text, tokens, isSaved: true };
  }

  #isUsable(id: Id, { tokens, isSaved }: { tokens: Tokens; isSaved: boolean }): boolean {
    if (!isSaved || this.#remembered.get(id)?.distrusted === tokens.access) return false;
    return isFresh(tokens, this.#ports.clock.now());
  }

  #refusal(id: Id, { refresh }: Tokens): Remembered['refused'] {
    const refused = this.#remembered.get(id)?.refused;
    return refused?.refresh === refresh ? refused : undefined;
  }

  #remember(id: Id, more: Remembered): void {
    this.#remembered.set(id, { ...this.#remembered.get(id), ...more });
  }

  #forgetUnsaved(id: Id): void {
    const { unsaved: _, ...rest } = this.#remembered.get(id) ?? {};
    this.#remembered.set(id, rest);
  }

  #inLane<T>(id: Id, job: () => Promise<T>): Promise<T> {
    const done = (this.#lanes.get(id) ?? Promise.resolve()).then(job);
    const settled = done
      .catch(() => {})
      .then(() => {
        if (this.#lanes.get(id) === settled) this.#lanes.delete(id);
      });
    this.#lanes.set(id, settled);
    return done;
  }
}

const notSignedIn: OAuthTrouble = {
  kind: 'sign-in',
  code: 'not-signed-in',
  say: 'Nobody has signed in for it yet, or the box cannot open what it kept. Sign in anew.',
  detail: 'no tokens',
};

const changedMeanwhile: OAuthTrouble = {
  kind: 'unreachable',
  code: 'changed',
  say: 'The sign-in was changed at this moment. It is tried again.',
  detail: 'the vault has something else by now',
};

function detailOf(failure: Failure): string {
  return failure.kind === 'trouble' ? failure.detail : failure.code;
}
