/*
 * The front panel that the setting panel.driver names. Parts that another folder makes (the
 * simulated panel, the serial one) come in as recipes, so that they are made, and what they need
 * loaded, only when they are wanted.
 */
import type { PanelDriver } from '#panel/panel';
import { AutoPanel } from './drivers/auto-panel.ts';
import { Chardev } from './drivers/chardev/chardev.ts';
import { OnoffPins } from './drivers/onoff/onoff.ts';
import { PinPanel, type PinPanelParts } from './drivers/pin-panel.ts';

/** What the setting panel.driver may say. */
export type PanelChoice = 'auto' | 'chardev' | 'onoff' | 'serial' | 'simulated' | 'none';

export interface PanelParts extends PinPanelParts {
  /** The file in which the onoff driver notes what it exported; best in memory (/run). */
  readonly notes: string;
  readonly simulated: () => PanelDriver;
  readonly serial: () => PanelDriver;
}

/** Undefined: there shall be no panel. */
export function makePanel(choice: PanelChoice, parts: PanelParts): PanelDriver | undefined {
  const chardev = () => new PinPanel(new Chardev(parts.clock), parts);
  const onoff = () => new PinPanel(new OnoffPins(parts.clock, parts.notes), parts);
  switch (choice) {
    case 'auto':
      return new AutoPanel([chardev(), onoff(), parts.simulated()], parts.log);
    case 'chardev':
      return chardev();
    case 'onoff':
      return onoff();
    case 'serial':
      return parts.serial();
    case 'simulated':
      return parts.simulated();
    case 'none':
      return undefined;
  }
}
