/* Asking about the box itself: how it is, its settings, backups and log. */
import type { Family } from './family.ts';

export const status: Family = {
  label: 'status',
  icon: 'restante-status.svg',
  help: 'How the box is: warnings, room, what listens, accounts, mail on its way out.',
  actions: {
    status: { words: ['status'], reads: true, say: 'how the box is' },
  },
};

export const panel: Family = {
  label: 'panel',
  icon: 'restante-lamp.svg',
  help: 'The front panel: its lamps, and its button.',
  actions: {
    panel: { words: ['panel'], reads: true, say: 'what the lamps show' },
    press: {
      ...{ words: ['panel', 'press'], takes: ['button', 'hold'] },
      say: 'press the button',
    },
  },
};

export const settings: Family = {
  label: 'settings',
  icon: 'restante-settings.svg',
  help: 'Every setting of the box, with what it does and what may stand there.',
  actions: {
    list: { words: ['settings', 'list'], reads: true, say: 'list all settings' },
    get: { words: ['settings', 'get'], reads: true, takes: ['name'], say: 'one setting' },
    set: { words: ['settings', 'set'], takes: ['name', 'value'], say: 'change a setting' },
    unset: { words: ['settings', 'unset'], takes: ['name'], say: 'back to its default' },
  },
};

export const log: Family = {
  label: 'log',
  icon: 'restante-log.svg',
  help: 'What the box said lately; with an address, what became of its mail.',
  actions: {
    log: {
      ...{ words: ['log'], reads: true, takes: ['address', 'lines'] },
      say: 'the last lines, or the mail of an address',
    },
  },
};

export const box: Family = {
  label: 'box',
  icon: 'restante-box.svg',
  help: 'Backups and checks of everything that lies in the box.',
  actions: {
    'backup status': {
      ...{ words: ['backup', 'status'], reads: true },
      say: 'how the last scheduled backup went',
    },
    'backup now': { words: ['backup', 'now'], say: 'make the scheduled backup now' },
    'backup schedule': {
      words: ['backup', 'schedule'],
      takes: ['to', 'every', 'keep'],
      flags: ['off'],
      secret: true,
      say: 'when backups are made, and where to',
    },
    'backup passphrase': {
      ...{ words: ['backup', 'passphrase'], secret: true },
      say: 'what seals the next backups',
    },
    verify: { words: ['verify'], reads: true, say: 'check the whole mail store' },
  },
};
