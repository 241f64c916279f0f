/*
 * `owner password`, `setup open`: who the web pages belong to. The password is never an argument,
 * and the code is good once and for ten minutes.
 */
import { ok } from '#base/result';
import type { SetUpReport } from '../types.ts';
import { type BoxVerb, secretOf } from '../verb.ts';
import { momentInWords } from '../words.ts';

const password: BoxVerb<Record<never, never>> = {
  words: ['owner', 'password'],
  summary: 'set the password that opens the web pages; signs everybody out of them',
  secret: { ask: "The owner's new password", twice: true },
  runs: 'box',
  async run(call, { owner }) {
    const done = await owner.setPassword(secretOf(call));
    return done.ok ? ok({}) : done;
  },
  render: () => 'The web pages are opened by the new password from now on.',
};

const openSetUp: BoxVerb<SetUpReport> = {
  words: ['setup', 'open'],
  summary: "open the web page on which the owner's password is set, for ten minutes",
  runs: 'box',
  run: (_call, { owner }) => owner.openSetUp(),
  render: ({ links, code, until }) =>
    [
      'Open this in a browser:',
      '',
      ...links.map((link) => `  ${link}`),
      '',
      `The code is ${code}. It is good once, until ${momentInWords(until)}.`,
    ].join('\n'),
};

export const ownerVerbs = [password, openSetUp] as const;
