/* Names an uplink or a source among all that sign in somewhere. */
import type { SourceId, UplinkId } from '../ids.ts';

export type SignInKey = `uplink ${number}` | `source ${number}`;

export function uplinkKey(id: UplinkId): SignInKey {
  return `uplink ${id}`;
}

export function sourceKey(id: SourceId): SignInKey {
  return `source ${id}`;
}

/** Whom the key names. */
export function memberOf(
  key: SignInKey,
): { readonly uplink: UplinkId } | { readonly source: SourceId } {
  const id = Number(key.slice(key.indexOf(' ')));
  return key.startsWith('uplink ') ? { uplink: id as UplinkId } : { source: id as SourceId };
}
