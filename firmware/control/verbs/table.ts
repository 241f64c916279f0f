/*
 * The one table of verbs. The order is the order of `--help`. A new verb is a row here, and the
 * command line, HTTP and the console have it.
 */
import type { Verb } from '../verb.ts';
import { accountVerbs } from './accounts.ts';
import { addressVerbs } from './addresses.ts';
import { backupVerbs } from './backups.ts';
import { deviceVerbs } from './devices.ts';
import { events } from './events.ts';
import { flowsVerbs } from './flows.ts';
import { joinVerbs } from './join.ts';
import { log } from './log.ts';
import { mailVerbs } from './mail.ts';
import { maintenanceVerbs } from './maintenance.ts';
import { panelVerbs } from './panel.ts';
import { providerVerbs } from './providers.ts';
import { queueVerbs } from './queue.ts';
import { settingsVerbs } from './settings.ts';
import { shelfVerbs } from './shelf.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { uplinkVerbs } from './uplinks.ts';

export const verbs: readonly Verb[] = [
  start,
  status,
  ...accountVerbs,
  ...addressVerbs,
  ...joinVerbs,
  ...deviceVerbs,
  ...uplinkVerbs,
  ...providerVerbs,
  ...queueVerbs,
  ...panelVerbs,
  ...mailVerbs,
  ...shelfVerbs,
  ...settingsVerbs,
  ...maintenanceVerbs,
  ...backupVerbs,
  ...flowsVerbs,
  events,
  log,
];
