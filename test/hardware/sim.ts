/*
 * The board's side of the pins, in the guest: makes chips of the kernel's gpio-sim, laid out as the
 * Raspberry Pis have them, reads the level of a line and pulls it up or down.
 */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

const config = '/sys/kernel/config/gpio-sim';

export interface SimChip extends Disposable {
  /** /dev/gpiochip0 */
  readonly path: string;
  /** The voltage: false is 0 V. */
  level(line: number): boolean;
  pull(line: number, up: boolean): void;
}

export function makeChip(name: string, label: string, lines: number, base: number): SimChip {
  const [chip, bank] = [`${config}/${name}`, `${config}/${name}/bank`];
  writeFileSync('/sys/module/gpio_sim/parameters/base', `${base}`);
  mkdirSync(chip);
  mkdirSync(bank);
  writeFileSync(`${bank}/num_lines`, `${lines}`);
  writeFileSync(`${bank}/label`, label);
  writeFileSync(`${chip}/live`, '1');
  const [device, device2] = [read(`${chip}/dev_name`), read(`${bank}/chip_name`)];
  const line = (index: number) => `/sys/devices/platform/${device}/${device2}/sim_gpio${index}`;
  return {
    path: `/dev/${device2}`,
    level: (index) => read(`${line(index)}/value`) === '1',
    pull: (index, up) => writeFileSync(`${line(index)}/pull`, up ? 'pull-up' : 'pull-down'),
    [Symbol.dispose]: () => {
      writeFileSync(`${chip}/live`, '0');
      rmdirSync(bank);
      rmdirSync(chip);
    },
  };
}

function read(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

export interface Layout {
  readonly name: string;
  /** What its device tree says. */
  readonly model: string;
  /** Label, lines and base of each chip, in the order in which the kernel found them. The first
   * whose label begins with "pinctrl" carries the header. */
  readonly chips: readonly (readonly [label: string, lines: number, base: number])[];
}

export const layouts: readonly Layout[] = [
  {
    name: 'Zero 2 W',
    model: 'Raspberry Pi Zero 2 W Rev 1.0',
    chips: [
      ['pinctrl-bcm2835', 54, 512],
      ['raspberrypi-exp-gpio', 8, 566],
    ],
  },
  {
    name: '3, with a kernel before 6.6',
    model: 'Raspberry Pi 3 Model B Plus Rev 1.3',
    chips: [['pinctrl-bcm2835', 54, 0]],
  },
  {
    name: '4',
    model: 'Raspberry Pi 4 Model B Rev 1.4',
    chips: [
      ['pinctrl-bcm2711', 58, 512],
      ['raspberrypi-exp-gpio', 8, 570],
    ],
  },
  {
    name: '4, its expander first',
    model: 'Raspberry Pi 4 Model B Rev 1.5',
    chips: [
      ['raspberrypi-exp-gpio', 8, 512],
      ['pinctrl-bcm2711', 58, 522],
    ],
  },
  {
    name: '5, stepping C1, the header last',
    model: 'Raspberry Pi 5 Model B Rev 1.0',
    chips: [
      ['gpio-brcmstb@107d508500', 32, 512],
      ['gpio-brcmstb@107d508520', 4, 544],
      ['gpio-brcmstb@107d517c00', 17, 548],
      ['gpio-brcmstb@107d517c20', 6, 565],
      ['pinctrl-rp1', 54, 571],
    ],
  },
  {
    name: '5, stepping D0, the header first',
    model: 'Raspberry Pi 5 Model B Rev 1.1',
    chips: [
      ['pinctrl-rp1', 54, 569],
      ['gpio-brcmstb@107d517c00', 15, 512],
      ['gpio-brcmstb@107d517c20', 6, 527],
      ['gpio-brcmstb@107d508500', 32, 533],
      ['gpio-brcmstb@107d508520', 4, 565],
    ],
  },
];

/** A layout's chips, and the one that carries the header. */
export function makeBoard({ chips }: Layout): { header: SimChip } & Disposable {
  const made = chips.map(([label, lines, base], index) => ({
    label,
    chip: makeChip(`chip${index}`, label, lines, base),
  }));
  const header = made.find(({ label }) => label.startsWith('pinctrl'))?.chip;
  if (header === undefined) throw new Error('a layout without a header');
  return {
    header,
    [Symbol.dispose]: () => {
      for (const { chip } of made) chip[Symbol.dispose]();
    },
  };
}
