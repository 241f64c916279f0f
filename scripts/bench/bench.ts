/*
 * scripts/bench/run: measures rows of the figures, each with the peer and Restante in turns, and
 * prints them as a table, ratio and goal beside them. Exits with 1 when a row could not be
 * measured; a goal that is not reached is a figure, not an error.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runProgram } from './processes.ts';
import { compile } from './restante.ts';
import { type Rig, withFolder } from './rig.ts';
import { heading, line, type Row } from './row.ts';
import { bytesAttachment, bytesText } from './rows/bytes-written.ts';
import { clientCeiling } from './rows/client-ceiling.ts';
import { collectBytes } from './rows/collect-bytes.ts';
import { collectIdle, collectMemory } from './rows/collect-memory.ts';
import { collectImap, collectPop3 } from './rows/collecting.ts';
import { memoryIdle, memoryLarge, memorySessions } from './rows/memory.ts';
import { panel, panelMemory } from './rows/panel.ts';
import { pop3LargeMaildrop } from './rows/pop3-large-maildrop.ts';
import { pop3RetrEight, pop3RetrOne } from './rows/pop3-retr.ts';
import { queueDrain } from './rows/queue-drain.ts';
import { queueSubmit, queueWaiting } from './rows/queue-waiting.ts';
import { signIns } from './rows/sign-ins.ts';
import { smtpAccept, smtpAcceptReconnect } from './rows/smtp-accept.ts';
import { startUp } from './rows/start-up.ts';

const rows: readonly Row[] = [
  smtpAccept,
  smtpAcceptReconnect,
  bytesText,
  bytesAttachment,
  pop3RetrOne,
  pop3RetrEight,
  pop3LargeMaildrop,
  memoryIdle,
  memorySessions,
  memoryLarge,
  startUp,
  queueDrain,
  queueSubmit,
  queueWaiting,
  signIns,
  collectPop3,
  collectImap,
  collectBytes,
  collectMemory,
  collectIdle,
  panel,
  panelMemory,
  clientCeiling,
];

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});

if (options.list) {
  for (const row of rows) console.log(`${row.name.padEnd(24)}${row.what}`);
} else {
  await withFolder((folder) => measure(folder));
}

async function measure(folder: string): Promise<void> {
  const chosen = names.length === 0 ? rows : names.map(rowCalled);
  if (options.only !== 'restante') await runProgram(join(import.meta.dirname, 'setup'), []);
  const rig: Rig = {
    rounds: Number(options.rounds),
    peers: options.only !== 'restante',
    dist: options.only === 'peer' ? undefined : await dist(folder),
  };
  const [processor] = cpus();
  console.log(`${new Date().toISOString()}, ${cpus().length} x ${processor?.model}\n\n${heading}`);
  for (const row of chosen) {
    try {
      for (const figure of await row.measure(rig)) console.log(line(figure));
    } catch (error) {
      process.exitCode = 1;
      console.log(`| ${row.what} | could not be measured |`);
      console.error(error);
    }
  }
}

function rowCalled(name: string): Row {
  const row = rows.find((one) => one.name === name);
  if (row === undefined) throw new Error(`there is no row ${name}; --list names them`);
  return row;
}

async function dist(folder: string): Promise<string> {
  return process.env['RESTANTE_DIST'] ?? compile(join(folder, 'compiled'));
}
