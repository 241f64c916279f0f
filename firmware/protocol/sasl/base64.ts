/*
 * Base64 as SASL profiles want it (RFC 4648 §4): no white space, no foreign characters, padding
 * where it belongs and zero bits beneath it. Node's own decoder takes anything.
 */

const shape = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The octets, or undefined when the text is not exactly base64. */
export function decodeBase64(text: string): Buffer | undefined {
  if (!shape.test(text)) return undefined;
  const octets = Buffer.from(text, 'base64');
  // RFC 4648 §3.5: two spellings of the same octets are one too many.
  return octets.toString('base64') === text ? octets : undefined;
}
