/* The views that a page node can choose. Each is pure: what was asked and answered in, texts out. */
import type { Asked } from '../page/asked.ts';
import { box } from './box.ts';
import { connect, connected, trust } from './connect.ts';
import { home } from './home.ts';
import { log } from './log.ts';
import { people, person } from './people.ts';
import { providers } from './providers.ts';
import { queue, queued } from './queue.ts';
import { settings } from './settings.ts';
import { shelf } from './shelf.ts';
import { welcome, welcomePhone } from './welcome.ts';

export const views: Readonly<Record<string, (asked: Asked) => object>> = {
  home,
  people,
  person,
  providers,
  connect,
  connected,
  trust,
  queue,
  queued,
  shelf,
  box,
  log,
  settings,
  broken: () => ({ broken: true }),
  welcome,
  'welcome-phone': welcomePhone,
};
