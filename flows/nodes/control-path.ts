/* Where the box is asked: the setting of flows/settings.ts, else what the environment says. */
import type { Red } from './red.ts';

export function controlPath(red: Red): string {
  return red.settings.restanteControl ?? process.env['RESTANTE_CONTROL'] ?? 'data/control.sock';
}
