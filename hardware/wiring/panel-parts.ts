/*
 * What the wiring pictures and the parts list of hardware/README.md agree on: colours, resistors,
 * and the current that follows from them.
 */
import type { ButtonName, LampName } from '#panel/panel';
import type { Board } from '../boards/board.ts';
import type { Branch } from './parts.ts';

/** With 3.3 V and a lamp that takes 2.0 V, 3.9 mA flow: bright enough, and little for a pin. */
const lampOhms = 330;
/** Saves the pin if it ever becomes an output while the button is down. */
const buttonOhms = 1000;

const volts = { supply: 3.3, lamp: 2.0 } as const;

const looks: Readonly<Record<LampName | ButtonName, Pick<Branch, 'words' | 'colour'>>> = {
  mail: { words: 'yellow LED', colour: '#f0b400' },
  queue: { words: 'red LED', colour: '#e5383b' },
  status: { words: 'green LED', colour: '#2da44e' },
  flush: { words: 'push button', colour: '#1f6feb' },
};

const plain = { words: 'LED', colour: '#8c6bd8' };

/** The branches of a board's panel, each with the pin it hangs on. */
export function branchesOf(board: Board): { branch: Branch; gpio: number }[] {
  return [
    ...board.lamps.map(({ lamp, gpio }) => ({
      gpio,
      branch: { name: lamp, ohms: lampOhms, part: 'lamp', ...(looks[lamp] ?? plain) } as const,
    })),
    ...board.buttons.map(({ button, gpio }) => ({
      gpio,
      branch: {
        name: button,
        ohms: buttonOhms,
        part: 'button',
        ...(looks[button] ?? plain),
      } as const,
    })),
  ];
}

/** Milliamperes through a lamp that is lit. */
export function lampCurrent(): number {
  return ((volts.supply - volts.lamp) / lampOhms) * 1000;
}
