/*
 * People type what sentences, pages and READMEs tell them: each command that one names is there. What
 * it does then is for other tests.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { splitWords } from '#control/console/split-words';
import { findVerb, parseCommand } from '#control/parse';
import { verbs } from '#control/verbs/table';
import { isSettingName } from '#settings/table';
import { good } from '../mail/accounts/house.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const textOf = (file: string) => readFileSync(`${root}${file}`, 'utf8');

test('sentences in the sources', () => {
  const files = globSync('{firmware,hardware,flows}/**/*.{ts,html}', { cwd: root });
  const named = files.flatMap((file) => {
    const found = textOf(file).matchAll(/\brestante ([a-z][a-z-]*(?: [a-z][a-z-]*)*)/g);
    return [...found].map(([, words = '']) => ({ file, words }));
  });
  assert.ok(named.length > 100);
  assert.deepEqual(
    named.filter(({ words }) => findVerb(words.split(' '), verbs) === undefined),
    [],
  );
});

for (const file of globSync(['*.md', '{firmware,hardware,flows}/**/*.md'], { cwd: root })) {
  const lines = textOf(file).matchAll(/^ {4,}(?:scripts\/|sudo )?restante (.*?)(?: +# .*)?$/gm);
  for (const [, line = ''] of lines) {
    test(`${file}: ${line}`, () => {
      const parsed = parseCommand(good(splitWords(line)), verbs);
      assert.ok(parsed.kind === 'command', parsed.kind === 'usage' ? parsed.say : parsed.kind);
      if (parsed.verb.words[0] !== 'settings') return;
      const setting = parsed.call.values['name'] ?? '';
      assert.ok(isSettingName(setting), setting);
    });
  }
}
