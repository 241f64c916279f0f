/* The tabs that are shipped, in the order of the editor. */
import { box, log, settings } from './box.ts';
import { home } from './home.ts';
import { outgoing, shelf } from './outgoing.ts';
import { people } from './people.ts';
import { providers } from './providers.ts';
import type { Tab } from './tab.ts';
import { welcome } from './welcome.ts';

export const tabs: readonly Tab[] = [
  home,
  welcome,
  people,
  providers,
  outgoing,
  shelf,
  box,
  log,
  settings,
];
