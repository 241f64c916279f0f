/*
 * What imapflow's errors mean: at which stage signing in ended, with the server's own words when it
 * said no, and whether a connection goes on. What to do about it stands in the collector.
 */
import { plainText } from '#base/plain-text';
import { troubleOf } from '#net/dial';
import type { SignInAnswer, UpstreamConnectTrouble, UpstreamTrouble } from '../upstream.ts';
import type { Conversation, ImapTrouble } from './conversation.ts';

export function connectTroubleOf(
  { stage, bye }: Conversation,
  error: ImapTrouble,
): UpstreamConnectTrouble {
  const answer = error.responseStatus === undefined ? bye : answerOf(error);
  if (answer !== undefined) {
    const detail = answer.text || 'the server refused without a word';
    return { stage, code: 'REFUSED', detail, answer };
  }
  if (error.tlsFailed && error.code === undefined) {
    // Not offered, refused, or past it: a greeting of PREAUTH.
    return { stage: 'tls', code: 'NO-STARTTLS', detail: plainText(error.message) };
  }
  const code = ours[error.code ?? ''];
  if (code === 'ECLOSED') return { stage, code, detail: 'the server hung up' };
  if (code !== undefined) return { stage, code, detail: plainText(error.message) };
  if (stage !== 'greeting' && error.code === undefined) {
    // imapflow found nothing among what the server offers; it says so before AUTHENTICATE.
    const detail = 'the server offers no sign-in that can be used here';
    return { stage: 'sign-in', code: 'NO-MECHANISM', detail };
  }
  return troubleOf(stage, error);
}

export function upstreamTroubleOf(error: ImapTrouble): UpstreamTrouble {
  if (error.responseStatus === undefined) {
    return { kind: 'broken', detail: plainText(error.message) };
  }
  const { code, text } = answerOf(error);
  const words = text || 'no, without a word';
  return { kind: 'refused', detail: code === undefined ? words : `[${code}] ${words}` };
}

/** The server cannot just now, whatever it was asked for: RFC 5530 §3, and what Gmail and Microsoft
 * say to those who ask too much. */
export function isForNow({ code, serverResponseCode }: ImapTrouble): boolean {
  return code === 'ETHROTTLE' || passing.has(serverResponseCode ?? '');
}

const passing = new Set([
  'UNAVAILABLE',
  'INUSE',
  'LIMIT',
  'OVERQUOTA',
  'SERVERBUG',
  'CONTACTADMIN',
  'THROTTLED',
  'EXPIRED',
  'AUTHENTICATIONFAILED',
  'AUTHORIZATIONFAILED',
]);

function answerOf({ serverResponseCode, responseText }: ImapTrouble): SignInAnswer {
  const text = plainText(responseText ?? '');
  return serverResponseCode === undefined ? { text } : { code: serverResponseCode, text };
}

/** imapflow's codes in our words. */
const ours: Readonly<Record<string, string>> = {
  NoConnection: 'ECLOSED',
  EConnectionClosed: 'ECLOSED',
  ClosedAfterConnectText: 'ECLOSED',
  ClosedAfterConnectTLS: 'ECLOSED',
  GREETING_TIMEOUT: 'ETIMEDOUT',
  CONNECT_TIMEOUT: 'ETIMEDOUT',
  UPGRADE_TIMEOUT: 'ETIMEDOUT',
  ETIMEOUT: 'ETIMEDOUT',
  LineTooLarge: 'EPROTOCOL',
  LiteralTooLarge: 'EPROTOCOL',
  ResponseTooLarge: 'EPROTOCOL',
  TooManyTokens: 'EPROTOCOL',
  TooManyResponses: 'EPROTOCOL',
  InvalidResponse: 'EPROTOCOL',
  UnexpectedTag: 'EPROTOCOL',
  ResponseProcessingFailed: 'EPROTOCOL',
};
