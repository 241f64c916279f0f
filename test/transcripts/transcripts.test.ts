/* Every transcript in this folder, at three paces. README.md here has the format. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Protocol } from '#protocol/session';
import type { House } from '../support/house.ts';
import { type Pace, parseTranscripts, runTranscript } from '../support/transcript.ts';

const folder = import.meta.dirname;
const only = process.env['TRANSCRIPTS'] ?? '';

for (const protocol of readdirSync(folder, { withFileTypes: true }).filter((e) =>
  e.isDirectory(),
)) {
  const files = readdirSync(`${folder}/${protocol.name}`).filter((name) => name.endsWith('.md'));
  if (!protocol.name.startsWith(only) || files.length === 0) continue;
  const module: { protocol: (house: House) => Protocol } = await import(
    `./${protocol.name}/protocol.ts`
  );
  for (const file of files.sort()) {
    const markdown = readFileSync(`${folder}/${protocol.name}/${file}`, 'utf8');
    const transcripts = parseTranscripts(markdown, `${protocol.name}/${file}`);
    test(`${protocol.name}/${file} has transcripts`, () => assert.ok(transcripts.length > 0));
    for (const transcript of transcripts) {
      const paces: Pace[] = ['whole', 'octets'];
      if (!transcript.lockstep) paces.push('pipelined');
      for (const pace of paces) {
        test(`${transcript.name} (${pace})`, () =>
          runTranscript(transcript, pace, module.protocol));
      }
    }
  }
}
