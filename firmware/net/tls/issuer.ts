/*
 * Asks the short-lived program issue.ts for a certificate. Here is the request's shape, and the
 * only place that starts a process for TLS.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A certificate and its private key, both PEM (the key PKCS #8). */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** ec: P-256, for everybody. rsa: 2048 bits, for devices too old to know elliptic curves. */
export type KeyKind = 'ec' | 'rsa';

interface Common {
  readonly commonName: string;
  /** Leaf: subject alternative names. Authority: the names it may sign for. Lower-case ASCII. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export type IssueRequest =
  | (Common & { readonly kind: 'authority' })
  | (Common & {
      readonly kind: 'leaf';
      readonly keys: KeyKind;
      readonly authority: Issued;
      readonly addresses: readonly string[];
    });

/** Makes a key pair and a certificate for it. Throws when the program fails: that is a defect. */
export async function issue(request: IssueRequest): Promise<Issued> {
  const program = import.meta.filename.endsWith('.ts') ? './issue.ts' : './issue.js';
  const path = fileURLToPath(new URL(program, import.meta.url));
  // Loaded only when needed: a box issues a certificate or two a year.
  const { spawn } = await import('node:child_process');
  // An empty environment: nothing meant for this process (NODE_OPTIONS) concerns that one.
  const child = spawn(process.execPath, [path], { env: {}, stdio: 'pipe' });
  const closed = once(child, 'close');
  let answer = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(request));
  const [code] = await closed;
  if (code !== 0) throw new Error(`Issuing a certificate failed (${code}): ${complaint.trim()}`);
  return JSON.parse(answer);
}
