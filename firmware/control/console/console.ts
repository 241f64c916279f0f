/*
 * The serial console: who has a cable in the box can set it up and ask it, without any network.
 * Signs people in (throttled as everywhere, by the same doorkeeper), then takes the verbs of
 * `scripts/restante` and a small menu. It says nothing before Enter was pressed, for what hangs on
 * the line may be a modem or a boot loader; signs out when the line drops and after some silence.
 *
 * Only a main password opens it: a password that was made for one device is for mail alone. While
 * the box has no account there is nothing to protect: who holds the cable makes the first.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Directory, Identity, SignIn } from '#mail/accounts/accounts';
import type { Box } from '../box.ts';
import { help } from '../help.ts';
import { parseCommand } from '../parse.ts';
import type { Verb } from '../verb.ts';
import { sentence } from '../words.ts';
import type { ByteStream } from './byte-stream.ts';
import { asCommand, type MenuItem, menuInWords, menuItem } from './menu.ts';
import { perform } from './performance.ts';
import { splitWords } from './split-words.ts';
import { Typist } from './typist.ts';

export interface ConsoleParts {
  readonly verbs: readonly Verb[];
  readonly box: Box;
  readonly signIn: Pick<SignIn, 'withPassword'>;
  readonly directory: Pick<Directory, 'stillHas'>;
  readonly hasAccounts: () => boolean;
  /** What the box is and what it is called, in a sentence. */
  readonly greeting: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Silence (ms) after which somebody is signed out. */
const patience = 600_000;
/** Wrong passwords, until Enter has to be pressed anew. */
const tries = 3;
/** Silence (ms) before Enter counts again when nobody signed in: a line that echoes (a terminal of
 * another computer that nobody reads, two wires that touch) would talk with the box for ever. */
const rest = 1_000;
/** Where sign-ins come from, for the doorkeeper: every console is the same place. */
const place = 'the serial console';

export class Console {
  readonly #parts: ConsoleParts;
  #sessions = 0;

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
  }

  /** Serves a line until it drops. */
  async serve(stream: ByteStream): Promise<void> {
    const { clock, log } = this.#parts;
    const typist = new Typist(stream, clock, patience);
    while ((await typist.enter()) === 'enter') {
      this.#sessions += 1;
      const session = new ConsoleSession(this.#parts, typist, `c${this.#sessions}`);
      try {
        if (await session.run()) continue;
      } catch (bug) {
        const stack = bug instanceof Error ? bug.stack : String(bug);
        log.error('A console failed by a fault in the program', { line: stream.name, stack });
        await typist.show('The box made a mistake; its log has more.');
      }
      await typist.silence(rest);
    }
  }
}

/** From one Enter on a silent line to the next silence. */
class ConsoleSession {
  readonly #parts: ConsoleParts;
  readonly #typist: Typist;
  readonly #log: Log;
  readonly #session: string;

  constructor(parts: ConsoleParts, typist: Typist, session: string) {
    this.#parts = parts;
    this.#typist = typist;
    this.#log = parts.log.for(session);
    this.#session = session;
  }

  /** Did somebody sign in? */
  async run(): Promise<boolean> {
    const { hasAccounts, greeting } = this.#parts;
    await this.#typist.show(`\n${sentence(greeting())}`);
    if (!hasAccounts() && !(await this.#firstAccount())) return false;
    const identity = await this.#signIn();
    if (identity === undefined) return false;
    this.#log.info('Signed in on the serial console', { login: identity.login });
    const why = await this.#serve(identity);
    this.#log.info(`Signed out on the serial console: ${why}`, { login: identity.login });
    await this.#typist.show('Signed out. Press Enter to sign in.');
    return true;
  }

  /** Has the first account been made? */
  async #firstAccount(): Promise<boolean> {
    await this.#typist.show('There is no account yet. Make the first one; it may do everything.');
    const name = await this.#typist.askOnce('Name of the new account: ');
    if (name.kind !== 'line' || name.text.trim() === '') return false;
    // Asked again: somebody else may have made one meanwhile, and then this is not for everybody.
    if (!this.#parts.hasAccounts()) await this.#perform(['account', 'add', '--', name.text.trim()]);
    return this.#parts.hasAccounts();
  }

  async #signIn(): Promise<Identity | undefined> {
    for (let left = tries; left > 0; left -= 1) {
      const login = await this.#typist.askOnce('Account: ');
      if (login.kind !== 'line' || login.text.trim() === '') return undefined;
      const password = await this.#typist.askHidden('Password: ');
      if (password.kind !== 'line') return undefined;
      const context = { session: this.#session, address: place, protocol: 'console' };
      const { signIn } = this.#parts;
      const found = await signIn.withPassword(login.text.trim(), password.text, context);
      if (this.#typist.isGone) return undefined;
      if (found.ok && found.value.password === 'main') return found.value;
      const say = found.ok
        ? 'That password was made for a device; the console wants the main one'
        : found.error.say;
      await this.#typist.show(sentence(say));
    }
    await this.#typist.show('Wait a second, then press Enter to try again.');
    return undefined;
  }

  /** Takes commands until the person, the line or the account is gone; why it ended. */
  async #serve(identity: Identity): Promise<string> {
    await this.#typist.show(
      `\nWelcome, ${identity.login}. A number or a command:\n${menuInWords()}`,
    );
    for (;;) {
      const typed = await this.#typist.ask('\nrestante> ');
      if (typed.kind === 'gone') return 'the line dropped';
      if (typed.kind === 'end') return 'exit';
      if (typed.kind === 'away') return 'nothing was typed for ten minutes';
      if (!this.#parts.directory.stillHas(identity)) return 'the account or its password changed';
      if (typed.kind === 'interrupt') continue;
      const words = splitWords(typed.text);
      if (!words.ok) await this.#typist.show(words.error.say);
      else if (/^(exit|quit|logout)$/.test(words.value.join(' '))) return 'exit';
      else await this.#obey(words.value);
    }
  }

  async #obey(words: readonly string[]): Promise<void> {
    const [first = ''] = words;
    const item = words.length === 1 ? menuItem(first) : undefined;
    if (item !== undefined) await this.#choose(item);
    else if (first === 'menu' || first === '?') await this.#typist.show(menuInWords());
    else if (first === 'help') await this.#help(words.slice(1));
    else if (words.length > 0) await this.#perform(first === 'restante' ? words.slice(1) : words);
  }

  async #choose(item: MenuItem): Promise<void> {
    const words = [...item.words];
    for (const ask of item.asks ?? []) {
      const typed = await this.#typist.askOnce(`${ask}: `);
      if (typed.kind !== 'line' || typed.text.trim() === '') return;
      words.push(typed.text.trim());
    }
    await this.#typist.show(`That is: ${asCommand(words)}`);
    await this.#perform(words);
  }

  async #perform(words: readonly string[]): Promise<void> {
    const { verbs, box } = this.#parts;
    const parsed = parseCommand(words, verbs);
    switch (parsed.kind) {
      case 'help':
        await this.#help(parsed.words);
        break;
      case 'usage':
        await this.#typist.show(parsed.say);
        break;
      case 'command':
        this.#log.debug('Asked on the serial console', { verb: parsed.verb.words.join(' ') });
        await perform(parsed, box, this.#typist);
        break;
    }
  }

  async #help(words: readonly string[]): Promise<void> {
    await this.#typist.show(help(words, this.#parts.verbs));
  }
}
