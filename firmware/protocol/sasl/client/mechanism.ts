/*
 * What a SASL mechanism is to the exchange that runs it (RFC 4422 §3), client side. Mechanisms see
 * octets; base64 is exchange.ts's affair. In all of ours but LOGIN the client has the first word.
 */
import type { Soon } from '#base/soon';

/** The mechanisms that we sign in with elsewhere. */
export type ClientMechanismName = 'SCRAM-SHA-256' | 'PLAIN' | 'LOGIN' | 'XOAUTH2';

export type ClientStep =
  | { readonly kind: 'response'; readonly data: Buffer }
  /** The server breaks the mechanism's rules, or is not who it says: cancel the exchange. */
  | { readonly kind: 'stop'; readonly why: string };

export interface ClientMechanism {
  readonly name: ClientMechanismName;
  /** The server has the first word, whatever it is: there is no initial response. */
  readonly waits?: true;
  /** The initial response, or the one to the server's first word. */
  first(): Buffer;
  /** The response to a challenge after that. */
  step(challenge: Buffer): Soon<ClientStep>;
  /** Asked when the server says that we are signed in: has it proved what the mechanism wants it to
   * prove? */
  readonly satisfied: boolean;
}

export function response(data: Buffer | string): ClientStep {
  return { kind: 'response', data: typeof data === 'string' ? Buffer.from(data) : data };
}

export function stop(why: string): ClientStep {
  return { kind: 'stop', why };
}
