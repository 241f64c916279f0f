/* Our own POP3 server, over a house in memory, on a real port of this machine. */
import type { SecureContext } from 'node:tls';
import { Log, type Sink } from '#base/log';
import { SystemRandom } from '#base/random';
import { Admission } from '#net/limits';
import { Network } from '#net/network';
import { protocol } from '../transcripts/pop3/protocol.ts';
import type { House } from './house.ts';

export interface OwnPop3Options {
  /** For STLS, and for TLS from the first octet. */
  readonly context?: SecureContext;
  readonly implicitTls?: boolean;
  /** Where its session's lines go, the trace among them. */
  readonly sink?: Sink;
}

export async function listenAsPop3(
  house: House,
  { context, implicitTls = false, sink }: OwnPop3Options = {},
): Promise<AsyncDisposable & { readonly port: number }> {
  const { clock } = house;
  const network = new Network({
    clock,
    log: new Log(() => {}, clock),
    random: new SystemRandom(),
    admission: new Admission({ total: 9, perPeer: 9, memory: Number.POSITIVE_INFINITY }, clock),
    tls: { context: () => context },
  });
  const plan = { protocol: protocol(house, sink), port: 0, setting: 'pop3.port', implicitTls };
  const listening = await network.listen({ ...plan, hosts: ['127.0.0.1'] });
  if (!listening.ok) throw new Error(listening.error.say);
  return { port: listening.value[0]?.port ?? 0, [Symbol.asyncDispose]: () => network.stop() };
}
