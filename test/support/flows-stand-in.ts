/*
 * Stands in for Node-RED behind the web ports: a real process on a real socket, run by the firmware
 * as it runs the flows. How it begins stands in the file `behaviour` of its data folder: nothing
 * (it listens at once), `slow` (when the file `go` is there), `crash` or `deaf`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, unlinkSync, watch } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const { RESTANTE_FLOWS_SOCKET: path = '', RESTANTE_FLOWS_DATA: data = '' } = process.env;

process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => process.exit(0));

const server = createServer((request, response) => {
  const { method, url = '', headers } = request;
  if (url === '/crash') process.exit(3);
  if (url === '/policy') {
    response.setHeader('set-cookie', '__Host-restante=mine; Path=/; Secure');
    response.setHeader('content-security-policy', 'default-src *');
    response.setHeader('access-control-allow-origin', '*');
  }
  if (url === '/wrong') {
    response.socket?.end('HTTP/1.1 099 Wrong\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  if (url === '/broken') {
    response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    return;
  }
  if (url === '/no-http') {
    response.socket?.end('whatever\r\n\r\n');
    return;
  }
  if (url === '/endless') {
    response.write('begun\n');
    return;
  }
  if (url === '/much') {
    response.end(Buffer.alloc(8 * 1024 ** 2, 'x'));
    return;
  }
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const body = Buffer.concat(pieces).toString('latin1').slice(0, 1000);
    response.setHeader('content-type', 'text/html');
    response.end(JSON.stringify({ method, url, headers, body, environment: process.env }));
  });
});

/** A web socket, as far as the gate looks: the handshake, then each octet back. */
server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] ?? '';
  // RFC 6455 §4.2.2
  const accept = createHash('sha1')
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
      `set-cookie: a=b\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  );
  socket.pipe(socket);
});

switch (behaviour()) {
  case 'crash':
    console.log(JSON.stringify({ state: 'failed', say: 'The flows cannot be read.' }));
    process.exit(1);
    break;
  case 'deaf':
    break;
  case 'slow': {
    const look = () => existsSync(join(data, 'go')) && listen();
    watch(data, look);
    look();
    break;
  }
  default:
    listen();
}

function listen(): void {
  if (server.listening) return;
  if (existsSync(path)) unlinkSync(path);
  server.listen(path, () => console.log(JSON.stringify({ state: 'ready' })));
}

function behaviour(): string {
  try {
    return readFileSync(join(data, 'behaviour'), 'utf8').trim();
  } catch {
    return '';
  }
}
