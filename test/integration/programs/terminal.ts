/*
 * A full-screen program in a terminal, by way of tmux's control mode (tmux(1), CONTROL MODE): keys
 * go in, and each change of the screen is an event, so a test waits for what a person would see.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What a person waits for at most, in milliseconds. */
const patience = 120_000;

export class Terminal {
  readonly #tmux: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #screen = '';
  /** Lines of an answer that is under way. */
  #answer: string[] | undefined;
  #look = () => {};

  /** Starts `command` (for the shell) on a screen of 100 by 30; `socket` is tmux's own file. */
  constructor(socket: string, command: string, env: NodeJS.ProcessEnv) {
    const size = ['-x', '100', '-y', '30'];
    const words = ['-S', socket, '-f', '/dev/null', '-C', 'new-session', ...size, command];
    this.#tmux = spawn('tmux', words, { env: { ...env, TERM: 'screen' } });
    this.#ended = once(this.#tmux, 'close');
    createInterface(this.#tmux.stdout).on('line', (line) => this.#hear(line));
  }

  /** Waits until the screen shows it. */
  shows(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = AbortSignal.timeout(patience);
      deadline.onabort = () => reject(new Error(`${pattern} did not show:\n${this.#screen}`));
      this.#look = () => {
        if (!pattern.test(this.#screen)) return;
        deadline.onabort = null;
        resolve(this.#screen);
      };
      this.#look();
    });
  }

  /** Types keys, by their names in tmux or as they are. */
  press(...keys: string[]): void {
    for (const key of keys) this.#tmux.stdin.write(`send-keys -- "${key}"\n`);
  }

  /** Waits until the program has ended, and tmux with it. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  /** Ends all, in whatever state it is. */
  async close(): Promise<void> {
    if (this.#tmux.exitCode === null) this.#tmux.stdin.write('kill-server\n');
    await this.#ended;
  }

  #hear(line: string): void {
    if (line.startsWith('%begin')) this.#answer = [];
    else if (line.startsWith('%end') || line.startsWith('%error')) {
      const answer = this.#answer ?? [];
      this.#answer = undefined;
      // Keys are answered with nothing; a screen has lines.
      if (answer.length > 0) this.#screen = answer.join('\n');
      this.#look();
    } else if (this.#answer !== undefined) this.#answer.push(line);
    else if (line.startsWith('%output')) this.#tmux.stdin.write('capture-pane -p\n');
  }
}
