/*
 * What a file with certificates (PEM) holds, for a person who is to compare it before it is trusted.
 * Pure; it trusts nothing.
 */
import { X509Certificate } from 'node:crypto';
import { plainText } from '#base/plain-text';
import { failed, ok, type Result } from '#base/result';
import type { AuthorityReport } from '#control/types';
import { obstacleToCa } from '#mail/sign-ins/server-checks';

/** RFC 7468 §5 */
const one = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

export function authorityReports(pem: string): Result<readonly AuthorityReport[]> {
  const obstacle = obstacleToCa(pem);
  if (obstacle !== undefined) return failed(obstacle);
  const found = [...pem.matchAll(one)].map(([text]) => reportOf(text));
  const all = found.filter((report) => report !== undefined);
  if (all.length > 0 && all.length === found.length) return ok(all);
  const say = 'One of these certificates is broken; take the whole text of the file';
  return failed({ kind: 'refusal', code: 'bad-certificate', say });
}

function reportOf(text: string): AuthorityReport | undefined {
  try {
    const { subject, issuer, fingerprint256, validTo } = new X509Certificate(text);
    return {
      name: nameIn(subject),
      issuer: nameIn(issuer),
      fingerprint: fingerprint256,
      until: Date.parse(validTo),
    };
  } catch {
    return undefined;
  }
}

/** The name that people know it by: CN, else all of it. */
function nameIn(subject: string | undefined): string {
  const name = /^CN=(.+)$/m.exec(subject ?? '')?.[1] ?? subject ?? '';
  return plainText(name) || 'without a name';
}
