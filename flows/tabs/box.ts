/* The box, its log, its settings. */
import { act, may, read, type Tab } from './tab.ts';

export const box: Tab = {
  id: 'box',
  label: 'Box',
  info: 'Name, certificate, panel, disk, backups, and what these pages cost.',
  pages: [
    {
      ...{ name: 'box', at: '/box', title: 'Box', place: 'box', view: 'box', template: 'box' },
      reads: [
        read('status', 'status', 'status'),
        may('panel', 'panel', 'panel'),
        may('box', 'backup status', 'backup'),
      ],
    },
  ],
  forms: [
    {
      ...{ at: '/box/backup/now', ask: act('box', 'backup now'), page: 'box' },
      after: { go: '/box', say: '{{answer.say}}' },
    },
    {
      ...{ at: '/box/backup/schedule', ask: act('box', 'backup schedule'), page: 'box' },
      after: { go: '/box', say: 'Backups are made from now on, the first one at once.' },
    },
    {
      ...{ at: '/box/backup/passphrase', ask: act('box', 'backup passphrase'), page: 'box' },
      after: { go: '/box', say: 'The next backups are sealed with it. Keep it where you find it.' },
    },
    {
      ...{ at: '/box/backup/off', ask: act('box', 'backup schedule'), page: 'box' },
      after: { go: '/box', say: 'No more backups are made. Those that are there stay.' },
    },
    {
      ...{ at: '/box/verify', ask: act('box', 'verify'), page: 'box' },
      after: {
        go: '/box',
        say:
          '{{#answer.sound}}All mail is sound.{{/answer.sound}}' +
          '{{^answer.sound}}Faults were found: {{#answer.findings}}{{.}} {{/answer.findings}}{{/answer.sound}}',
      },
    },
  ],
};

export const log: Tab = {
  id: 'log',
  label: 'Log',
  info: 'Where is my message? And what the box said lately.',
  pages: [
    {
      ...{ name: 'log', at: '/log', title: 'Log', place: 'log', view: 'log', template: 'log' },
      reads: [read('log', 'log', 'log', { lines: '100' })],
    },
  ],
  forms: [],
};

export const settings: Tab = {
  id: 'settings',
  label: 'Settings',
  info: 'Every setting of the box, from its own table.',
  pages: [
    {
      ...{ name: 'settings', at: '/settings', title: 'Settings', place: 'settings' },
      ...{ view: 'settings', template: 'settings', reads: [read('settings', 'list', 'settings')] },
    },
  ],
  forms: [
    {
      ...{ at: '/settings/:name', ask: act('settings', 'set'), page: 'settings' },
      after: {
        go: '/settings?open={{req.params.name}}',
        say: '{{answer.say}}',
      },
    },
    {
      ...{ at: '/settings/:name/unset', ask: act('settings', 'unset'), page: 'settings' },
      after: {
        go: '/settings?open={{req.params.name}}',
        say: '{{answer.say}}',
      },
    },
  ],
};
