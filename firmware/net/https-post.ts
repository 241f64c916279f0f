/*
 * Posts a form over HTTPS and reads a small answer: what signing in by OAuth needs, and no more. A
 * connection for each, certificates always verified, no redirects, no compression, an end to every
 * wait. Node's own client is loaded when it is first used; most boxes never do.
 */
import type { Clock } from '#base/clock';
import { failed, ok, type Result } from '#base/result';

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** `code` is Node's or OpenSSL's, or TIMEOUT, TOO_LARGE, NOT_HTTPS. */
interface PostTrouble {
  readonly code: string;
  readonly detail: string;
}

/** A token endpoint says 2 to 10 KB. */
const largestAnswer = 65_536;

/** From the first look for the name to the last octet. */
const longestWait = 30_000;

export class NodeHttpsPost {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `ca` (PEM) is trusted in place of the usual ones. */
  async post(
    address: string,
    form: Readonly<Record<string, string>>,
    ca?: string,
  ): Promise<Result<Reply, PostTrouble>> {
    if (!URL.canParse(address) || new URL(address).protocol !== 'https:') {
      return failed({ code: 'NOT_HTTPS', detail: 'the address is not https' });
    }
    const { request } = await import('node:https');
    const body = Buffer.from(new URLSearchParams(form).toString());
    const options = {
      method: 'POST',
      // No pool: the next request is an hour away.
      agent: false as const,
      minVersion: 'TLSv1.2' as const,
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca }),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': body.length,
        accept: 'application/json',
        'accept-encoding': 'identity',
        connection: 'close',
        'user-agent': 'Restante',
      },
    };
    return new Promise((resolve) => {
      const end = (result: Result<Reply, PostTrouble>) => {
        timer[Symbol.dispose]();
        asking.destroy();
        resolve(result);
      };
      const fails = (code: string, detail: string) => end(failed({ code, detail }));
      const timer = this.#clock.after(longestWait, () => fails('TIMEOUT', 'no answer in time'));
      const asking = request(address, options, (answer) => {
        const pieces: Buffer[] = [];
        let octets = 0;
        answer.on('data', (piece: Buffer) => {
          octets += piece.length;
          if (octets > largestAnswer) fails('TOO_LARGE', `more than ${largestAnswer} octets`);
          else pieces.push(piece);
        });
        answer.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          end(ok({ status: answer.statusCode ?? 0, body: text }));
        });
        // Cut in the middle of the answer: an 'error' (ECONNRESET) comes instead of 'end'.
        answer.on('error', (error) => fails(codeOf(error), error.message));
      });
      asking.on('error', (error) => fails(codeOf(error), error.message));
      asking.end(body);
    });
  }
}

function codeOf(error: NodeJS.ErrnoException): string {
  // All addresses of a name were tried in vain: the first one's reason is the reason.
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error.code ?? 'UNKNOWN';
}
