/*
 * Which preset a name stands for. The list of nodemailer is read only where our own table has none.
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { nearest } from '#base/spelling';
import { domainKey } from '#mail/address';
import { nameKey, type Preset } from './preset.ts';
import { presets } from './presets.ts';
import { type WellKnownList, wellKnownPresets } from './well-known.ts';

export type LoadWellKnown = () => Promise<WellKnownList>;

/** What `--provider` may say, of those in our own table. */
export const presetNames: readonly string[] = presets.map(({ name }) => name);

/** The preset that an uplink was made of, when our own table has it. */
export function presetOf(provider: string): Preset | undefined {
  return presets.find(({ name }) => name === provider);
}

/** By its name, an alias, or a domain, without case. */
export async function findPreset(
  name: string,
  loadWellKnown: LoadWellKnown,
): Promise<Result<Preset, Refusal>> {
  const own = named(presets, name);
  if (own !== undefined) return ok(own);
  const others = wellKnownPresets(await loadWellKnown());
  const other = named(others, name);
  return other === undefined ? failed(unknown(name, others)) : ok(other);
}

function named(all: readonly Preset[], name: string): Preset | undefined {
  const key = nameKey(name);
  if (key === '') return undefined;
  const domain = domainKey(name.trim());
  return (
    all.find((one) => nameKey(one.name) === key) ??
    all.find(({ aliases = [] }) => aliases.some((alias) => nameKey(alias) === key)) ??
    all.find(({ domains }) => domains.includes(domain))
  );
}

function unknown(name: string, others: readonly Preset[]): Refusal {
  const key = nameKey(name);
  const names = [...presetNames, ...others.map((one) => one.name)];
  const alike = names.filter((one) => key.length > 2 && nameKey(one).startsWith(key.slice(0, 3)));
  const guess = nearest(name, [...new Set(names)]);
  const near = [...new Set(guess === undefined ? alike : [guess, ...alike])].slice(0, 6);
  const which =
    near.length === 0
      ? `It knows ${presetNames.join(', ')} and others.`
      : `Did you mean ${near.join(', ')}?`;
  const otherwise =
    'Any other server: --host HOST --port PORT --security tls, in place of --provider';
  return refusal(
    'unknown-provider',
    `The box does not know a provider "${name}". ${which} ${otherwise}`,
  );
}
