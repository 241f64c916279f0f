/*
 * `uplink test`: connects and signs in as sending mail would, says QUIT, and tells in words how it
 * went. It sends no mail, and changes nothing in what the queue thinks of the uplink.
 */
import type { Explanation } from '#provider/connection-words';
import type { Connector, UplinkTarget } from './connection.ts';
import { type About, explain, type MeaningOf } from './explain.ts';

export interface UplinkTestResult {
  readonly works: boolean;
  /** What is wrong and what to do, or what works: whole sentences. */
  readonly say: string;
  /** The server's own words, '' when it said none. */
  readonly answer: string;
  /** E.g. 'TLSv1.3 TLS_AES_256_GCM_SHA384' */
  readonly tls?: string;
  /** When it does not work. */
  readonly kind?: Explanation['kind'];
}

export class UplinkTester {
  readonly #connector: Connector;
  readonly #meaningOf: MeaningOf;

  /** The connector should be a brisk one (limits.ts): a person waits. */
  constructor(connector: Connector, meaningOf: MeaningOf) {
    this.#connector = connector;
    this.#meaningOf = meaningOf;
  }

  async test(target: UplinkTarget, about: About): Promise<UplinkTestResult> {
    const connected = await this.#connector.connect(target);
    if (!connected.ok) {
      const { answer } = connected.error;
      const { kind, say, advice } = explain(connected.error, about, this.#meaningOf);
      const words = answer && [answer.code, answer.enhanced, answer.text];
      return {
        works: false,
        kind,
        say: advice === '' ? `${say}.` : `${say}. ${advice}.`,
        answer: words?.filter((word) => word !== undefined && word !== '').join(' ') ?? '',
      };
    }
    const { facts } = connected.value;
    await connected.value.close();
    const { host, user } = target;
    const who =
      user === undefined ? `${host} takes mail without a sign-in` : `${host} let ${user} in`;
    const wire = facts.tls === undefined ? 'without encryption' : `over ${facts.tls.split(' ')[0]}`;
    const tls = facts.tls === undefined ? {} : { tls: facts.tls };
    return { works: true, say: `It works: ${who}, ${wire}.`, answer: '', ...tls };
  }
}
