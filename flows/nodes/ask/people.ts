/* Asking about people: accounts with their passwords and addresses, and machines that send. */
import type { Family } from './family.ts';

export const account: Family = {
  label: 'account',
  icon: 'restante-person.svg',
  help: 'People who have mail here: their accounts, addresses, app passwords and help pages.',
  actions: {
    list: { words: ['account', 'list'], reads: true, say: 'list all accounts' },
    add: { words: ['account', 'add'], takes: ['account'], secret: true, say: 'add an account' },
    remove: {
      ...{ words: ['account', 'remove'], takes: ['account'], flags: ['yes'] },
      say: 'remove an account and its mail',
    },
    password: {
      ...{ words: ['account', 'password'], takes: ['account'], secret: true },
      say: 'change the password',
    },
    unlock: { words: ['account', 'unlock'], takes: ['account'], say: 'forget failed sign-ins' },
    passwords: {
      ...{ words: ['account', 'passwords', 'list'], reads: true, takes: ['account'] },
      say: 'list app passwords',
    },
    'add app password': {
      ...{ words: ['account', 'passwords', 'add'], takes: ['account', 'name'] },
      say: 'make an app password for a device',
    },
    'revoke app password': {
      ...{ words: ['account', 'passwords', 'revoke'], takes: ['account', 'name'] },
      say: 'revoke an app password',
    },
    'add address': {
      words: ['address', 'add'],
      takes: ['account', 'address', 'forward-to'],
      flags: ['outside', 'known-as'],
      say: 'add an address',
    },
    'remove address': {
      ...{ words: ['address', 'remove'], takes: ['account', 'address', 'forward-to'] },
      say: 'remove an address',
    },
    'known as': {
      ...{ words: ['address', 'known-as'], takes: ['account', 'address'], flags: ['none'] },
      say: 'under which outside address mail goes out',
    },
    'join link': {
      ...{ words: ['join', 'link'], reads: true, takes: ['account'] },
      say: 'the address of a help page for one person',
    },
    'renew join link': {
      ...{ words: ['join', 'renew'], takes: ['account'] },
      say: 'make that address another one',
    },
  },
};

export const device: Family = {
  label: 'device',
  icon: 'restante-device.svg',
  help: 'Printers, scanners and cameras that may send mail without a password.',
  actions: {
    list: { words: ['device', 'list'], reads: true, say: 'list all devices' },
    add: {
      words: ['device', 'add'],
      takes: ['name', 'address', 'account', 'from', 'per-hour'],
      flags: ['old-tls'],
      say: 'let a device send',
    },
    remove: { words: ['device', 'remove'], takes: ['name'], say: 'let a device no longer send' },
  },
};
