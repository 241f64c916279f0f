/*
 * From a host's name to a connected socket, with TLS when that comes first: each step with its own
 * trouble, so that a person can be told which one failed. Certificates are always verified. No
 * protocol has begun here, and STARTTLS is not done here.
 */
import { isIP, connect as netConnect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import type { Clock } from '#base/clock';
import { plainText } from '#base/plain-text';
import { failed, ok, type Result } from '#base/result';

/** A server of somebody else's. `tls`: from the first octet. `starttls`: required, and done by
 * whoever speaks the protocol. `none`: in the clear. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
  /** A CA (PEM) that is trusted for this host only. */
  readonly ca?: string;
}

/** Where connecting ended. */
export type ConnectStage = 'name' | 'connect' | 'tls' | 'greeting' | 'hello' | 'sign-in';

/** `Said`: how the protocol gives the server's own words. */
export interface ConnectTrouble<Said = unknown> {
  readonly stage: ConnectStage;
  /** Node's or OpenSSL's code: 'ENOTFOUND', 'ECONNREFUSED', 'CERT_HAS_EXPIRED' ... */
  readonly code: string;
  readonly detail: string;
  /** When it said any. */
  readonly answer?: Said;
}

/** Milliseconds. */
export interface DialWaits {
  /** From the name to a connection with TLS; no RFC sets any. */
  readonly connect: number;
  /** When a host has several addresses, how long one of them is tried before the next. */
  readonly address: number;
}

type Dialled = Result<Socket, ConnectTrouble<never>>;

/** What TLS has to be, from the first octet or by STARTTLS. */
export function tlsTerms(target: Target): ConnectionOptions {
  return {
    // RFC 8314 §4.1, RFC 8996: nothing older.
    minVersion: 'TLSv1.2',
    // Said, so that no variable of the environment turns it off.
    rejectUnauthorized: true,
    // RFC 6066 §3: no IP addresses. A certificate is still checked against them.
    ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
    ...(target.ca === undefined ? {} : { ca: [target.ca] }),
  };
}

export function dial(target: Target, waits: DialWaits, clock: Clock): Promise<Dialled> {
  return new Promise((resolve) => {
    const { host, port } = target;
    // An IP address is looked up nowhere.
    let stage: ConnectStage = isIP(host) === 0 ? 'name' : 'connect';
    const plain = netConnect({
      host,
      port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: waits.address,
    });
    let socket: Socket = plain;
    const give = (dialled: Dialled) => {
      alarm[Symbol.dispose]();
      for (const one of [plain, socket]) one.off('error', onError).off('close', onClose);
      // Nobody listens for a moment, or, to what is given up, ever again.
      for (const one of [plain, socket]) one.on('error', () => {});
      if (!dialled.ok) for (const one of [plain, socket]) one.destroy();
      resolve(dialled);
    };
    const onError = (error: Error) => give(failed(troubleOf(stage, error)));
    const onClose = () => give(failed({ stage, code: 'ECLOSED', detail: 'the server hung up' }));
    const alarm = clock.after(waits.connect, () => {
      const detail = `no answer for ${Math.round(waits.connect / 1000)} s`;
      give(failed({ stage, code: 'ETIMEDOUT', detail }));
    });
    plain.on('error', onError).on('close', onClose);
    plain.once('lookup', (error) => {
      if (error === null) stage = 'connect';
    });
    plain.once('connect', () => {
      if (target.security !== 'tls') return give(ok(plain));
      stage = 'tls';
      socket = tlsConnect({ ...tlsTerms(target), socket: plain, host });
      socket.on('error', onError).on('close', onClose);
      socket.once('secureConnect', () => give(ok(socket)));
    });
  });
}

/** Node's and OpenSSL's errors as trouble. */
export function troubleOf(stage: ConnectStage, error: unknown): ConnectTrouble<never> {
  const one = firstOf(error);
  const { code, originalCode, reason, syscall } = one as SystemError;
  return {
    stage: syscall === 'getaddrinfo' ? 'name' : stage,
    code: originalCode ?? code ?? 'EUNKNOWN',
    // OpenSSL's messages are made of places in its source; its reason is for people.
    detail: plainText(reason ?? one.message),
  };
}

/** What Node and nodemailer add to errors. */
interface SystemError extends Error {
  readonly code?: string;
  /** nodemailer's: the code before it put its own in its place. */
  readonly originalCode?: string;
  readonly reason?: string;
  readonly syscall?: string;
}

/** When all addresses of a host failed, the trouble of the one that answered says most. */
function firstOf(error: unknown): Error {
  if (error instanceof AggregateError) {
    const errors: SystemError[] = error.errors;
    return errors.find(({ code }) => code === 'ECONNREFUSED') ?? errors[0] ?? error;
  }
  return error instanceof Error ? error : new Error(String(error));
}
