/*
 * Settings: every row of the box's own table as a form, in groups by the first word of its name.
 * What may stand in a field, its kind and its sentence come from the table, and so does what is
 * wrong with a value, which is shown beside the field.
 */
import type { SettingReport } from '#control/types';
import type { Asked } from '../page/asked.ts';
import { faultOf } from './special.ts';
import { capital } from './words.ts';

/** Words of names that go with another one. */
const withOther: Readonly<Record<string, string>> = {
  ...{ submission: 'smtp', submissions: 'smtp', pop3s: 'pop3', imaps: 'imap', webs: 'web' },
  ...{ profile: 'host', hold: 'queue', flush: 'queue' },
};

/** What the groups are called; others are called by their word. */
const titles: Readonly<Record<string, string>> = {
  collect: 'Collecting',
  discovery: 'Being found',
  listen: 'Network addresses',
  net: 'Connections',
  host: 'Name of the box',
  mail: 'Mail',
  auth: 'Passwords',
  tls: 'Certificates',
  panel: 'Front panel',
  flows: 'These pages and Node-RED',
  queue: 'Outgoing mail',
  web: 'Web pages',
  smtp: 'SMTP and submission',
  store: 'Mail store',
  serial: 'Serial lines',
  oauth: 'Signing in at providers',
};

const upper = new Set(['pop3', 'imap', 'etrn']);

export function settings(asked: Asked): object {
  const rows = (asked.box['settings'] ?? []) as readonly SettingReport[];
  const name = asked.params['name'];
  const open = groupOf(name ?? asked.query['open'] ?? '');
  const groups = new Map<string, SettingReport[]>();
  for (const row of rows) {
    const group = groupOf(row.name);
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  const fault = faultOf(asked, 'settings set', 'settings unset');
  return {
    groups: [...groups].map(([group, members]) => ({
      group,
      title: titleOf(group),
      open: group === open,
      rows: members.map((row) => rowView(row, asked, row.name === name ? fault : undefined)),
    })),
    fault: faultOf(asked, 'settings list'),
  };
}

function rowView(row: SettingReport, asked: Asked, fault: object | undefined): object {
  const value = fault === undefined ? (row.next ?? row.value) : (asked.fields['value'] ?? '');
  const choices = row.choices ?? [];
  return {
    name: row.name,
    id: row.name.replaceAll(/[^a-z0-9]/gi, '-'),
    sentence: row.sentence,
    hint: `Allowed: ${row.hint}.`,
    value,
    isChoice: row.kind === 'choice',
    choices: choices.map((choice) => ({ choice, selected: choice === value })),
    ...(row.kind === 'number' ? { mode: 'numeric' } : { mode: 'text' }),
    isSet: row.source === 'settings.json',
    byStart: row.source === '--set',
    usual: row.default === '' ? 'empty' : row.default,
    ...(row.next === undefined ? {} : { later: row.value === '' ? 'empty' : row.value }),
    restart: row.applies === 'restart',
    ...(fault === undefined ? {} : { fault }),
  };
}

function groupOf(name: string): string {
  const [word = ''] = name.split('.');
  return withOther[word] ?? word;
}

function titleOf(group: string): string {
  if (upper.has(group)) return titles[group] ?? group.toUpperCase();
  return titles[group] ?? capital(group);
}
