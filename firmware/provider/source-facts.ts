/*
 * From what the owner says of a new source (`--provider gmail ...`, or `--protocol pop3 --host
 * ...`) to where it is collected from and what that needs. What is said goes before what the
 * preset has. Whether the result can be is mail/sources/wanted.ts's to check.
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import type { SourceProtocol } from '#mail/sources/records';
import { findPreset, type LoadWellKnown } from './finding.ts';
import type { Preset, Server } from './preset.ts';
import { firstOf, needsOf } from './signing-in.ts';

/** What the owner says. */
export interface SaidOfSource {
  readonly protocol?: SourceProtocol;
  readonly host?: string;
  readonly port?: number;
  readonly security?: Server['security'];
}

/** What a source is made of. */
export interface SourceFacts extends Server {
  /** The preset's name, or ''. */
  readonly provider: string;
  readonly protocol: SourceProtocol;
  /** What it cannot do without. */
  readonly needs?: 'user' | 'password';
  /** What a person has to do first, in sentences. */
  readonly first?: string;
}

/** By the name of a preset: IMAP where the provider has it. */
export async function sourceFromPreset(
  name: string,
  said: SaidOfSource,
  loadWellKnown: LoadWellKnown,
): Promise<Result<SourceFacts, Refusal>> {
  const found = await findPreset(name, loadWellKnown);
  if (!found.ok) return found;
  const preset = found.value;
  const known = preset.imap !== undefined ? 'imap' : preset.pop3 && 'pop3';
  const protocol = said.protocol ?? byPort(said.port) ?? known;
  const server = protocol && preset[protocol];
  if (protocol === undefined || (server === undefined && said.host === undefined)) {
    return failed(notKnown(preset, protocol));
  }
  const usual = server?.security ?? 'tls';
  const security = said.security ?? bySecurePort(said.port) ?? usual;
  const isUsual = server !== undefined && security === server.security;
  const needs = needsOf(preset);
  const first = [firstOf(preset), protocol === 'pop3' ? preset.pop3First : undefined];
  const words = first.filter((one) => one !== undefined).join(' ');
  return ok({
    ...{ provider: preset.name, protocol, security },
    host: said.host ?? server?.host ?? '',
    port: said.port ?? (isUsual ? server.port : portOf(protocol, security)),
    ...(needs === undefined ? {} : { needs }),
    ...(words === '' ? {} : { first: words }),
  });
}

/** A server that is no known provider's. */
export function sourceFromHost(said: SaidOfSource): Result<SourceFacts, Refusal> {
  const { host, port } = said;
  const protocol = said.protocol ?? byPort(port);
  if (host === undefined || protocol === undefined) {
    const say = 'Say where the mail is: --provider NAME, or for any other server --protocol imap';
    return failed(refusal('usage', `${say} (or pop3) and --host HOST`));
  }
  const security = said.security ?? bySecurePort(port) ?? 'tls';
  return ok({ provider: '', protocol, host, port: port ?? portOf(protocol, security), security });
}

/** Where a source is when some of that is said anew. A host that is said is no provider's any more,
 * unless that is said, too. */
export async function sourceMoved(
  from: Pick<SourceFacts, 'provider' | 'protocol' | 'host' | 'port' | 'security'>,
  said: SaidOfSource & { readonly provider?: string },
  loadWellKnown: LoadWellKnown,
): Promise<Result<Omit<SourceFacts, 'needs' | 'first'>, Refusal>> {
  const { provider, protocol = from.protocol, host, port } = said;
  if (provider !== undefined) return sourceFromPreset(provider, said, loadWellKnown);
  const turns = protocol !== from.protocol;
  if (turns && host === undefined && from.provider !== '') {
    return sourceFromPreset(from.provider, said, loadWellKnown);
  }
  const security = said.security ?? bySecurePort(port) ?? from.security;
  const stays = !turns && security === from.security;
  return ok({
    provider: host === undefined ? from.provider : '',
    ...{ protocol, host: host ?? from.host, security },
    port: port ?? (stays ? from.port : portOf(protocol, security)),
  });
}

function notKnown({ title, imap, pop3 }: Preset, wanted: SourceProtocol | undefined): Refusal {
  const has = imap !== undefined ? 'IMAP' : pop3 && 'POP3';
  if (has !== undefined && wanted !== undefined) {
    const words = { imap: 'IMAP', pop3: 'POP3' }[wanted];
    const say = `${title} gives no mail out by ${words}, as far as the box knows, but by ${has}`;
    return refusal('no-protocol', `${say}. Leave --protocol out, or name its server with --host`);
  }
  const say = `The box knows how to send by ${title}, and not where it gives mail out. Its help`;
  return refusal(
    'no-protocol',
    `${say} pages call that the incoming mail server; name it: --protocol imap --host HOST`,
  );
}

/** RFC 8314 §7.1, RFC 9051 §2.1, RFC 1939 §3. */
function byPort(port: number | undefined): SourceProtocol | undefined {
  if (port === 993 || port === 143) return 'imap';
  return port === 995 || port === 110 ? 'pop3' : undefined;
}

/** What a port says by itself. The clear is never a guess. */
function bySecurePort(port: number | undefined): Server['security'] | undefined {
  if (port === 993 || port === 995) return 'tls';
  return port === 143 || port === 110 ? 'starttls' : undefined;
}

function portOf(protocol: SourceProtocol, security: Server['security']): number {
  if (protocol === 'imap') return security === 'tls' ? 993 : 143;
  return security === 'tls' ? 995 : 110;
}
