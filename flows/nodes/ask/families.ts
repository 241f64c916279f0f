/* The asking nodes of the palette: `restante-` and one of these names. */
import type { Family } from './family.ts';
import { account, device } from './people.ts';
import { box, log, panel, settings, status } from './the-box.ts';
import { provider, queue, shelf, source, uplink } from './ways.ts';

export const families: Readonly<Record<string, Family>> = {
  account,
  box,
  device,
  log,
  panel,
  provider,
  queue,
  settings,
  shelf,
  source,
  status,
  uplink,
};
