/*
 * Why a TLS handshake failed, in words a person can act on. The codes are OpenSSL's, as Node
 * spells them; the alerts are those of RFC 8446 §6. Unknown codes keep OpenSSL's own reason.
 */

const words: readonly (readonly [pattern: RegExp, say: string])[] = [
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)/,
    'The client does not trust our certificate. Import tls/ca.pem on that device.',
  ],
  [/ALERT_(CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED)/, 'The client says our certificate ran out.'],
  [/ALERT_UNSUPPORTED_CERTIFICATE/, 'The client cannot use our kind of certificate.'],
  [
    /UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|ALERT_PROTOCOL_VERSION|UNKNOWN_PROTOCOL/,
    'The client only knows versions of TLS that are no longer safe (older than 1.2).',
  ],
  [/NO_SHARED_CIPHER|ALERT_HANDSHAKE_FAILURE/, 'The client and we share no safe cipher.'],
  [
    /HTTP_REQUEST|WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE/,
    'The client did not speak TLS. Is it set to STARTTLS, or to no security, on this port?',
  ],
  [/NO_APPLICATION_PROTOCOL/, 'The client wants to speak something else than mail (ALPN).'],
  [
    /ECONNRESET|EPIPE|ETIMEDOUT|UNEXPECTED_EOF|ALERT_USER_CANCELLED|ALERT_CLOSE_NOTIFY/,
    'The client left during the TLS handshake. It may not trust our certificate.',
  ],
];

/** One sentence for a failed handshake. */
export function handshakeWords(error: NodeJS.ErrnoException): string {
  const code = error.code ?? '';
  const found = words.find(([pattern]) => pattern.test(code));
  return found?.[1] ?? `The TLS handshake failed: ${error.message}`;
}
