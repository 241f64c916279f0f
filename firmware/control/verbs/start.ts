/* Powering on. The command line turns itself into the box; nobody else can be asked for it. */
import type { CommandVerb } from '../verb.ts';

export const start: CommandVerb = {
  words: ['start'],
  options: [
    { name: 'set', value: 'NAME=VALUE', summary: 'a setting for this run only; may be repeated' },
  ],
  summary: 'start the box here, and stay until Ctrl-C (the same as npm start)',
  runs: 'command-line',
  render: () => '',
};
