/*
 * Why a server's certificate is not trusted, in words. The codes are OpenSSL's (X509_V_ERR_...) as
 * Node gives them. While the box's own clock is not to be trusted, it gets the blame for dates.
 */
import type { AboutServer, ConnectionTrouble, Explanation } from './connection-words.ts';

const middle =
  'Somebody may stand between you and the server, so nothing was sent. If you trust it all the ' +
  'same, give its authority with --ca FILE';

const others = 'Whoever runs that server has to renew it; there is nothing to do here';

interface Words {
  readonly why: string;
  readonly advice: string;
}

/** By code, or what begins with it. */
const table: Readonly<Record<string, Words>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: { why: 'it is signed by the server itself', advice: middle },
  SELF_SIGNED_CERT_IN_CHAIN: { why: 'its authority is not a known one', advice: middle },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { why: 'its authority is not a known one', advice: middle },
  UNABLE_TO_GET_ISSUER_CERT: { why: 'its authority is not a known one', advice: middle },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    why: 'its authority is not a known one, or the server leaves out a certificate in between',
    advice: middle,
  },
  CERT_UNTRUSTED: { why: 'its authority is not trusted for this', advice: middle },
  INVALID_CA: { why: 'what signed it is no authority', advice: middle },
  INVALID_PURPOSE: { why: 'it is not meant for servers', advice: middle },
  CERT_REJECTED: { why: 'it is not meant for servers', advice: middle },
  CERT_SIGNATURE_FAILURE: { why: 'its signature is wrong', advice: middle },
  CERT_REVOKED: { why: 'it was revoked', advice: others },
  EE_KEY_TOO_SMALL: { why: 'its key is too short to be safe', advice: others },
  CA_KEY_TOO_SMALL: { why: "its authority's key is too short to be safe", advice: others },
  CA_MD_TOO_WEAK: { why: 'it is signed in a way that is not safe any more', advice: others },
  CERT_HAS_EXPIRED: { why: 'it has expired', advice: others },
  CERT_NOT_YET_VALID: { why: 'it is not valid yet', advice: others },
};

const dates = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/;

/** Undefined: this is not about a certificate. */
export function certificateTrouble(
  { stage, code, detail }: ConnectionTrouble,
  { host, clockIsSane }: AboutServer,
): Explanation | undefined {
  if (stage !== 'tls') return undefined;
  if (dates.test(code) && !clockIsSane) {
    return {
      kind: 'clock',
      say: `The box does not know what time it is, so it cannot check the certificate of ${host}`,
      advice: 'It sets its clock by the network: look whether it is online, or set the clock',
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = namesIn(detail);
    const whose = names === undefined ? '' : `: it is for ${names}`;
    return {
      kind: 'certificate',
      say: `The certificate is not the one of ${host}${whose}, so nothing was sent`,
      advice: "If one of its names is your provider's, give that as --host",
    };
  }
  const words = table[code];
  if (words === undefined) return undefined;
  const { why, advice } = words;
  return { kind: 'certificate', say: `The certificate of ${host} is not trusted: ${why}`, advice };
}

/** From Node's sentence, "... is not in the cert's altnames: DNS:a, DNS:b". */
function namesIn(detail: string): string | undefined {
  const list = /(?:altnames|list): (.+)$/.exec(detail)?.[1];
  const names = list?.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return names?.slice(0, 3).join(', ');
}
