/*
 * A provider that follows a script: a real Connector whose server lives in memory. It reads every
 * message to its end, keeps what it accepted, and answers as `answer` says; connecting fails while
 * `refusal` is set. With `gate` the server stands still until it is let go on.
 */
import { failed, ok, type Result } from '#base/result';
import type { Answer } from '#provider/answer';
import type {
  Broken,
  Connector,
  ConnectTrouble,
  OutgoingEnvelope,
  SendAnswers,
  UplinkConnection,
  UplinkTarget,
} from '#uplink/connection';

/** What it says to one recipient; 'break': it hangs up before the end of the message is sent,
 * 'doubt': after that. 'unread': our own disk could not give the message. */
export type Scripted = Answer | 'break' | 'doubt' | 'unread';

export interface Accepted {
  readonly host: string;
  readonly envelope: OutgoingEnvelope;
  readonly octets: string;
}

export const fine: Answer = { code: 250, enhanced: '2.0.0', text: 'OK', to: 'end' };

export function says(code: number, enhanced: string, text: string): Answer {
  return { code, enhanced, text, to: 'rcpt' };
}

export class ScriptedConnector implements Connector {
  readonly accepted: Accepted[] = [];
  /** Every send, accepted or not. */
  tries = 0;
  connects = 0;
  open = 0;
  mostOpen = 0;
  refusal: ConnectTrouble | undefined;
  extensions: readonly string[] = ['DSN', '8BITMIME', 'SMTPUTF8', 'PIPELINING'];
  answer: (recipient: string, envelope: OutgoingEnvelope) => Scripted = () => fine;
  /** Sending waits for it, before the end of the message. */
  gate: Promise<void> | undefined;
  /** After the end was sent, before the answer. */
  gateAfterEnd: Promise<void> | undefined;
  readonly #watchers = new Set<() => void>();

  async connect(target: UplinkTarget): Promise<Result<UplinkConnection, ConnectTrouble>> {
    this.connects += 1;
    this.#tell();
    if (this.refusal !== undefined) return failed(this.refusal);
    this.open += 1;
    this.mostOpen = Math.max(this.open, this.mostOpen);
    return ok(new ScriptedConnection(this, target.host));
  }

  /** Resolves once `holds` does; looked at whenever something happens here. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const once = () => {
          this.#watchers.delete(once);
          resolve();
        };
        this.#watchers.add(once);
      });
    }
  }

  async serve(
    host: string,
    envelope: OutgoingEnvelope,
    octets: string,
    ending: () => Promise<boolean>,
  ): Promise<Result<SendAnswers, Broken>> {
    this.tries += 1;
    this.#tell();
    const answers = envelope.recipients.map((one) => this.answer(one, envelope));
    await this.gate;
    if (answers.includes('break')) return failed({ doubt: false, detail: 'ECONNRESET' });
    if (answers.includes('unread')) return failed({ doubt: false, detail: 'EIO', unread: true });
    const given = answers.map((one) => (typeof one === 'string' ? fine : one));
    if (!given.some(({ code }) => code < 300)) return ok({ recipients: given });
    if (!(await ending())) return failed({ doubt: false, detail: 'the end was not sent' });
    this.accepted.push({ host, envelope, octets });
    this.#tell();
    await this.gateAfterEnd;
    if (answers.includes('doubt')) return failed({ doubt: true, detail: 'ECONNRESET' });
    return ok({ recipients: given });
  }

  closed(): void {
    this.open -= 1;
    this.#tell();
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

class ScriptedConnection implements UplinkConnection {
  readonly facts;
  usable = true;
  readonly #server: ScriptedConnector;
  readonly #host: string;
  #closed = false;

  constructor(server: ScriptedConnector, host: string) {
    this.#server = server;
    this.#host = host;
    this.facts = { extensions: new Set(server.extensions) };
  }

  async send(
    envelope: OutgoingEnvelope,
    message: AsyncIterable<Uint8Array>,
    ending: () => Promise<boolean>,
  ): Promise<Result<SendAnswers, Broken>> {
    const pieces: Uint8Array[] = [];
    for await (const piece of message) pieces.push(piece);
    const octets = Buffer.concat(pieces).toString();
    const answered = await this.#server.serve(this.#host, envelope, octets, ending);
    if (!answered.ok) this.usable = false;
    return answered;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.usable = false;
    this.#server.closed();
  }
}
