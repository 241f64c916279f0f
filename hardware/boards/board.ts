/*
 * A board as data: how it is recognised, which chip carries the pins of its header, and where the
 * lamps and the button of a panel go unless the owner says otherwise. Pins have BCM numbers, which
 * are the line offsets of the header's chip on every Raspberry Pi. The chip is known by its label
 * and never by a number: numbers change with the kernel and even with the stepping of a chip.
 */
import type { ButtonName, LampName } from '#panel/panel';

/** `low`: the lamp is lit, or the button is down, when the pin is at 0 V. */
export type Active = 'high' | 'low';
export type Pull = 'up' | 'down';

export interface LampPin {
  readonly lamp: LampName;
  /** BCM number. */
  readonly gpio: number;
  readonly active: Active;
}

export interface ButtonPin {
  readonly button: ButtonName;
  readonly gpio: number;
  readonly active: Active;
  readonly pull: Pull;
}

/** Which pins a panel uses. */
export interface PinPlan {
  readonly lamps: readonly LampPin[];
  readonly buttons: readonly ButtonPin[];
}

export interface Board extends PinPlan {
  readonly name: string;
  /** What /proc/device-tree/model says. */
  readonly model: RegExp;
  /** The label of the chip that carries the header. */
  readonly chip: string;
  readonly look: Look;
}

/** What the wiring picture shows of a board, in millimetres from its upper left corner, the header
 * at the upper edge. */
export interface Look {
  readonly width: number;
  readonly height: number;
  /** The middle of the free spot where the name goes. */
  readonly name: { readonly x: number; readonly y: number };
  readonly landmarks: readonly Landmark[];
}

export interface Landmark {
  readonly name: string;
  readonly kind: 'chip' | 'metal' | 'socket';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The same on every board, since their headers are the same: four pins in a corner that no common
 * add-on (I2C, SPI, serial, sound) uses, dark while the board starts. */
export const usualPins: PinPlan = {
  lamps: [
    { lamp: 'mail', gpio: 17, active: 'high' },
    { lamp: 'queue', gpio: 27, active: 'high' },
    { lamp: 'status', gpio: 22, active: 'high' },
  ],
  buttons: [{ button: 'flush', gpio: 23, active: 'low', pull: 'up' }],
};
