/*
 * The owner's own pins, over those of the board: another pin for a lamp or a button, a lamp left
 * out, a lamp for one account (`mail.ann`). What cannot be is told in a sentence before any pin is
 * touched.
 */
import { failed, ok, type Result, trouble } from '#base/result';
import type { LampName, PanelTrouble } from '#panel/panel';
import type { Active, ButtonPin, LampPin, PinPlan } from './board.ts';
import { pinWords, positionOf } from './header.ts';

/** What the setting panel.pins says about one lamp or button. */
export interface OwnPin {
  /** mail, queue, status, flush, or mail.ACCOUNT */
  readonly name: string;
  /** BCM number; undefined: it is left out. */
  readonly gpio: number | undefined;
  /** By default: lamps high, buttons low. */
  readonly active?: Active | undefined;
}

/** The board's plan with the owner's changes, or why this cannot be. */
export function planPins(
  board: PinPlan,
  own: readonly OwnPin[],
  lines: number,
): Result<PinPlan, PanelTrouble> {
  const lamps = new Map(board.lamps.map((pin) => [pin.lamp, pin]));
  const buttons = new Map(board.buttons.map((pin) => [pin.button, pin]));
  for (const pin of own) {
    if (pin.name !== 'flush') change(lamps, pin.name, lampPin(pin));
    else change(buttons, 'flush', buttonPin(pin));
  }
  const plan = { lamps: [...lamps.values()], buttons: [...buttons.values()] };
  const wrong = whatIsWrong(plan, lines);
  return wrong === undefined ? ok(plan) : failed(wrong);
}

function change<K, V>(pins: Map<K, V>, name: K, pin: V | undefined): void {
  if (pin === undefined) pins.delete(name);
  else pins.set(name, pin);
}

function lampPin({ name, gpio, active }: OwnPin): LampPin | undefined {
  return gpio === undefined ? undefined : { lamp: name, gpio, active: active ?? 'high' };
}

/** A button that is active low lies between its pin and ground, and is pulled up; and so on. */
function buttonPin({ gpio, active = 'low' }: OwnPin): ButtonPin | undefined {
  if (gpio === undefined) return undefined;
  return { button: 'flush', gpio, active, pull: active === 'low' ? 'up' : 'down' };
}

function whatIsWrong(plan: PinPlan, lines: number): PanelTrouble | undefined {
  const taken = new Map<number, LampName>();
  const uses = [
    ...plan.lamps.map(({ lamp, gpio }) => ({ name: lamp, gpio })),
    ...plan.buttons.map(({ button, gpio }) => ({ name: button, gpio })),
  ];
  for (const { name, gpio } of uses) {
    const other = taken.get(gpio);
    if (other !== undefined) {
      return wrongPin(`${pinWords(gpio)} cannot be both ${other} and ${name}.`);
    }
    taken.set(gpio, name);
    if (gpio >= lines || positionOf(gpio) === undefined) {
      return wrongPin(`The header has no GPIO ${gpio}, which ${name} should use.`);
    }
    if (gpio < 2) {
      return wrongPin(`${pinWords(gpio)} belongs to add-on boards; ${name} cannot use it.`);
    }
  }
  return undefined;
}

function wrongPin(what: string): PanelTrouble {
  return trouble('wrong-pin', `${what} Set panel.pins right.`, 'panel.pins', false);
}
