/*
 * What people read about settings, made from the table: the part of `--help` on them, and
 * REFERENCE.md. A test fails when REFERENCE.md is not what this makes.
 */
import { show } from './check.ts';
import { type Profile, rowOf, type SettingName, settingNames } from './table.ts';

/** Plain text for a terminal: each setting with its default and its sentence. */
export function settingsHelp(profile: Profile = 'checkout'): string {
  const lines = settingNames.map((name) => {
    const head = wrap(`${name} (${preset(name, profile) || 'empty'})`, 88, '  ');
    return `${head}\n${wrap(rowOf(name).sentence, 88, '      ')}`;
  });
  return `Settings (and their defaults), to be given as --set name=value:\n${lines.join('\n')}\n`;
}

/** The reference page, in Markdown. */
export function settingsReference(): string {
  return `# Settings

This page is made from \`table.ts\` by \`scripts/settings-page\`. Do not edit it.

Settings stand in \`settings.json\` in the data directory, as one object of names and values:

    { "smtp.port": 25, "mail.domains": ["restante.local", "example.org"], "mail.maxOctets": "50M" }

\`restante settings set NAME VALUE\` changes one while the box runs, and \`--set NAME=VALUE\` at the
start wins over both. "Live" settings work at once; the others work after the next start. Amounts
of octets may be written with K, M or G (of 1024). Passwords and keys are never settings.

| name | default | appliance | allowed | change | what it does |
|---|---|---|---|---|---|
${settingNames.map(referenceRow).join('\n')}
`;
}

function referenceRow(name: SettingName): string {
  const { kind, applies, sentence } = rowOf(name);
  const [checkout, appliance] = [preset(name, 'checkout'), preset(name, 'appliance')];
  const cells = [
    `\`${name}\``,
    code(checkout),
    checkout === appliance ? 'the same' : code(appliance),
    kind.allowed,
    applies,
    sentence,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** The default as text, with its unit. */
function preset(name: SettingName, profile: Profile): string {
  const { kind, preset: presets } = rowOf(name);
  const value = show(kind.write(presets[profile]));
  const unit = kind.unit === '' || /\D$/.test(value) ? '' : ` ${kind.unit}`;
  return `${value}${unit}`;
}

function code(value: string): string {
  return value === '' ? 'empty' : `\`${value}\``;
}

function wrap(sentence: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line].join('\n');
}
