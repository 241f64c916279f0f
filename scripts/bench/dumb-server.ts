/*
 * A POP3 server that has one letter, in memory, and gives it for every RETR: as little work as a
 * server in Node can do. A process of its own; shows how much the client could ask for.
 */
import { createServer } from 'node:net';
import { textLetter } from './letters.ts';

const letter = textLetter(0);
const reply = Buffer.concat([
  Buffer.from(`+OK ${letter.length} octets\r\n`),
  letter,
  Buffer.from('.\r\n'),
]);
const [port, messages] = process.argv.slice(2).map(Number);

const server = createServer({ noDelay: true }, (socket) => {
  socket.write('+OK ready\r\n');
  socket.setEncoding('latin1');
  let partial = '';
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    const lines = (partial + text).split('\r\n');
    partial = lines.pop() ?? '';
    socket.cork();
    for (const line of lines) socket.write(answer(line));
    socket.uncork();
  });
});
server.listen(port, '127.0.0.1');

function answer(line: string): string | Buffer {
  if (line.startsWith('RETR')) return reply;
  if (!line.startsWith('LIST')) return '+OK\r\n';
  const sizes = Array.from({ length: messages ?? 0 }, (_, at) => `${at + 1} ${letter.length}\r\n`);
  return `+OK\r\n${sizes.join('')}.\r\n`;
}
