/*
 * The kind of setting that says where lamps and buttons are wired: names with pins, as in
 * "mail=17 status=22:low queue=none". Which pins a board has is not known here.
 */
import type { Kind } from './kinds.ts';

/** One lamp or button of panel.pins. */
export interface PinChoice {
  /** mail, queue, status, flush, or mail.ACCOUNT */
  readonly name: string;
  /** BCM number; undefined: there is none. */
  readonly gpio: number | undefined;
  /** The level at which the lamp is lit or the button down, when it is not the usual one. */
  readonly active?: 'high' | 'low' | undefined;
}

const choice =
  /^(mail|queue|status|flush|mail\.[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63})=(?:(\d{1,2})(?::(high|low))?|none)$/u;
const most = 40;

export const pinChoices: Kind<readonly PinChoice[]> = {
  allowed:
    'names with BCM numbers, such as "mail=17 queue=27 status=22:low flush=none", or nothing',
  form: { type: 'list' },
  unit: '',
  read: (written) => {
    if (typeof written !== 'string') return undefined;
    const parts = written.split(/[\s,]+/).filter((part) => part !== '');
    const choices = parts.map(readChoice).filter((one) => one !== undefined);
    const names = new Set(choices.map(({ name }) => name));
    if (choices.length < parts.length || names.size < choices.length) return undefined;
    return choices.length > most ? undefined : Object.freeze(choices);
  },
  write: (value) => value.map(written).join(' '),
};

function readChoice(text: string): PinChoice | undefined {
  const [whole, name = '', gpio, active] = choice.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (gpio === undefined) return { name, gpio: undefined };
  if (active === 'high' || active === 'low') return { name, gpio: Number(gpio), active };
  return { name, gpio: Number(gpio) };
}

function written({ name, gpio, active }: PinChoice): string {
  return `${name}=${gpio ?? 'none'}${active === undefined ? '' : `:${active}`}`;
}
