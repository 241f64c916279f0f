/*
 * From what the owner says of a new uplink (`--provider gmail ...`, or `--host ...`) to where it
 * connects and what it needs. What is said goes before what the preset has, so that a provider's
 * other port, or a test server in its place, can be used. Whether the result can be is
 * mail/uplinks/wanted.ts's to check.
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { findPreset, type LoadWellKnown } from './finding.ts';
import type { Server } from './preset.ts';
import { firstOf, needsOf } from './signing-in.ts';

/** What the owner says. */
export interface Said {
  readonly host?: string;
  readonly port?: number;
  readonly security?: Server['security'];
  readonly connections?: number;
}

/** What an uplink is made of. */
export interface UplinkFacts extends Server {
  /** The preset's name, or ''. */
  readonly provider: string;
  readonly connections: number;
  /** What it cannot do without. */
  readonly needs?: 'user' | 'password';
  /** What a person has to do first, in a sentence. */
  readonly first?: string;
}

/** Quick enough for a household, and no provider minds. */
const politeConnections = 2;

/** By the name of a preset. */
export async function fromPreset(
  name: string,
  said: Said,
  loadWellKnown: LoadWellKnown,
): Promise<Result<UplinkFacts, Refusal>> {
  const found = await findPreset(name, loadWellKnown);
  if (!found.ok) return found;
  const preset = found.value;
  const { smtp } = preset;
  const security = said.security ?? usual(said.port) ?? smtp.security;
  const needs = needsOf(preset);
  const first = firstOf(preset);
  return ok({
    provider: preset.name,
    host: said.host ?? smtp.host,
    port: said.port ?? (security === smtp.security ? smtp.port : portOf(security)),
    security,
    connections: said.connections ?? preset.connections ?? politeConnections,
    ...(needs === undefined ? {} : { needs }),
    ...(first === undefined ? {} : { first }),
  });
}

/** A server that is no known provider's. */
export function fromHost(said: Said): Result<UplinkFacts, Refusal> {
  const { host, port, connections = politeConnections } = said;
  if (host === undefined) {
    const say = 'Say by whom the mail goes: --provider NAME, or --host HOST for any other server';
    return failed(refusal('usage', say));
  }
  const security = said.security ?? usual(port) ?? 'tls';
  return ok({ provider: '', host, port: port ?? portOf(security), security, connections });
}

/** What a port says by itself (RFC 8314 §7.3, RFC 6409 §3.1). The clear is never a guess. */
function usual(port: number | undefined): Server['security'] | undefined {
  if (port === 465) return 'tls';
  return port === 587 || port === 25 ? 'starttls' : undefined;
}

function portOf(security: Server['security']): number {
  return { tls: 465, starttls: 587, none: 25 }[security];
}
