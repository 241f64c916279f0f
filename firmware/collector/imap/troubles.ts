/*
 * What imapflow's errors mean: at which stage signing in ended, with the server's own words when it
 * said no, and whether a connection goes on. What to do about it stands in the collector.
 */
import { plainText } from '#base/plain-text';
import { troubleOf } from '#net/dial';
import type { SignInAnswer, UpstreamConnectTrouble, UpstreamTrouble } from '../upstream.ts';
import type { Conversation, ImapTrouble } from './conversation.ts';
import { answerOf } from './status-response.ts';

export function connectTroubleOf(
  { stage, bye }: Conversation,
  error: ImapTrouble,
): UpstreamConnectTrouble {
  const answer = refusalOf(error) ?? bye;
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
  const said = refusalOf(error);
  if (said === undefined) return { kind: 'broken', detail: plainText(error.message) };
  const { code, text } = said;
  const words = text || 'no, without a word';
  const kind = isForNow(error) ? 'later' : 'refused';
  return { kind, detail: code === undefined ? words : `[${code}] ${words}` };
}

/** The server cannot just now, whatever it was asked for: RFC 5530 §3, and what Gmail and Microsoft
 * say to those who ask too much. */
export function isForNow(error: ImapTrouble): boolean {
  return error.code === 'ETHROTTLE' || passing.has(refusalOf(error)?.code ?? '');
}

/** Not SERVERBUG and CONTACTADMIN: servers say those of one message that they cannot read, too, and
 * the others are to come. */
const passing = new Set([
  'UNAVAILABLE',
  'INUSE',
  'LIMIT',
  'OVERQUOTA',
  'THROTTLED',
  'EXPIRED',
  'AUTHENTICATIONFAILED',
  'AUTHORIZATIONFAILED',
]);

/** The server's own words; undefined when it did not say no. */
function refusalOf(error: ImapTrouble): SignInAnswer | undefined {
  const { responseStatus, response, serverResponseCode: code, responseText = '' } = error;
  if (responseStatus === undefined) return undefined;
  if (typeof response === 'object') return answerOf(response);
  const text = plainText(responseText);
  return code === undefined ? { text } : { code, text };
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
