/*
 * The kinds of value that a setting may have. A kind reads what a person wrote, in settings.json
 * (a number, a flag, a list) or as text (`--set smtp.port=25`), says in words what it allows, and
 * writes a value back. Kinds know nothing of names, defaults or files.
 */
import { isIP } from 'node:net';

/** What stands beside a name in settings.json. */
export type Written = string | number | boolean | readonly string[];

/** How a form asks for a value. What may stand there in the end is the kind's to say. */
export type Form =
  /** One line. */
  | { readonly type: 'text' }
  /** The full path of a file on the box. */
  | { readonly type: 'path' }
  | { readonly type: 'choice'; readonly choices: readonly string[] }
  /** A whole number. Also of octets and of seconds; both are written with letters (500K, 15m), and
   * `zero` says what 0 does where it lies below `min`. */
  | {
      readonly type: 'number' | 'octets' | 'duration';
      readonly min: number;
      readonly max: number;
      readonly zero?: string;
    }
  /** Values with commas or blanks between them. */
  | { readonly type: 'list' };

export interface Kind<T> {
  /** What may stand there, to be read after "Allowed: ". */
  readonly allowed: string;
  /** Undefined: as one line of text. */
  readonly form?: Form;
  /** What the number counts, for the reference page; '' when it counts nothing. */
  readonly unit: string;
  /** The value, or undefined when this is not allowed. */
  read(written: unknown): T | undefined;
  /** How the value is written into settings.json. `read(write(value))` is the value. */
  write(value: T): Written;
}

/** One line without control characters, as short as a line of a file may be. */
export function text(allowed: string, pattern: RegExp): Kind<string> {
  return {
    allowed,
    unit: '',
    read: (written) => {
      const given = typeof written === 'string' ? written.trim() : undefined;
      return given !== undefined && pattern.test(given) ? given : undefined;
    },
    write: (value) => value,
  };
}

/** A list of which each item is of the kind `item`; as text, items are separated by commas. */
export function list(item: Kind<string>, allowed: string): Kind<readonly string[]> {
  return {
    allowed,
    form: { type: 'list' },
    unit: '',
    read: (written) => {
      const parts = typeof written === 'string' ? written.split(',') : written;
      if (!Array.isArray(parts)) return undefined;
      const items = parts.map((part: unknown) => item.read(part));
      const good = items.filter((one) => one !== undefined);
      if (good.length === 0 || good.length < items.length) return undefined;
      return Object.freeze([...new Set(good)]);
    },
    write: (value) => value,
  };
}

const ipAddress: Kind<string> = {
  allowed: 'an IP address',
  unit: '',
  read: (written) => {
    const given = typeof written === 'string' ? written.trim() : '';
    return isIP(given) === 0 ? undefined : given;
  },
  write: (value) => value,
};

/** Addresses of this machine, IPv4 and IPv6. */
export const addresses = list(
  ipAddress,
  'IP addresses separated by commas, such as "127.0.0.1, ::1" or "0.0.0.0, ::" (all of them)',
);

// RFC 1123 §2.1: labels of letters, digits and hyphens; RFC 5890 §2.3.2.1 adds other scripts.
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}-]{0,61}[\\p{L}\\p{M}\\p{N}])?';
const domainPattern = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`, 'u');

/** A domain name, kept in lower case. */
export const domain: Kind<string> = {
  allowed: 'a domain name, such as restante.local',
  unit: '',
  read: (written) => {
    const given = typeof written === 'string' ? written.trim().toLowerCase() : '';
    return domainPattern.test(given) ? given : undefined;
  },
  write: (value) => value,
};

export const domains = list(domain, 'domain names separated by commas, such as restante.local');

/** A whole number from `least` to `most`. The unit, or its first letter, may stand behind it. */
export function whole(unit: string, least: number, most: number): Kind<number> {
  const tail = unit === '' ? '' : `(?:${unit}|${unit[0]})?`;
  const pattern = new RegExp(`^(\\d{1,15})\\s*${tail}$`);
  return {
    allowed: `a whole number${unit === '' ? '' : ` of ${unit}`} from ${least} to ${most}`,
    form: { type: 'number', min: least, max: most },
    unit,
    read: (written) => {
      const digits = pattern.exec(String(written).trim())?.[1];
      if (digits === undefined || (typeof written !== 'string' && typeof written !== 'number')) {
        return undefined;
      }
      const value = Number(digits);
      return value >= least && value <= most ? value : undefined;
    },
    write: (value) => value,
  };
}

/** A TCP port to listen on; 0 turns the listener off. */
export const port: Kind<number> = {
  ...whole('', 0, 65_535),
  allowed: 'a port from 1 to 65535, or 0 to turn this listener off',
};

const factors = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

/** An amount of octets, written with K, M or G (of 1024) when it is large. */
export function octets(least: number, most: number): Kind<number> {
  const kind: Kind<number> = {
    allowed: `octets from ${short(least)} to ${short(most)}, such as 500K, 100M or 2G`,
    form: { type: 'octets', min: least, max: most },
    unit: 'octets',
    read: (written) => {
      if (typeof written !== 'string' && typeof written !== 'number') return undefined;
      const match = /^(\d{1,15})\s*([KMG]?)(?:i?B)?$/i.exec(String(written).trim());
      if (match === null) return undefined;
      const factor = factors[(match[2] ?? '').toUpperCase() as keyof typeof factors];
      const value = Number(match[1]) * factor;
      return value >= least && value <= most ? value : undefined;
    },
    write: (value) => short(value),
  };
  return kind;
}

function short(count: number): string {
  for (const suffix of ['G', 'M', 'K'] as const) {
    if (count !== 0 && count % factors[suffix] === 0) return `${count / factors[suffix]}${suffix}`;
  }
  return String(count);
}

/** One of a few words. */
export function choice<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  return {
    allowed: words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`,
    form: { type: 'choice', choices: words },
    unit: '',
    read: (written) => words.find((word) => word === String(written).trim().toLowerCase()),
    write: (value) => value,
  };
}

/** A file on this machine, by its full path; empty means none. */
export const path: Kind<string> = {
  ...text(
    'the full path of a file, beginning with /, or nothing',
    /^(?:\/[^\u0000-\u001f\u007f]{0,4094})?$/,
  ),
  form: { type: 'path' },
};

/** A folder on this machine, by its full path; empty means none. */
export const folder: Kind<string> = {
  ...path,
  allowed: 'the full path of a folder, beginning with /, or nothing',
};
