/* A test's own end of a connection: sends, and reads until what it waits for has come. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { reset } from './reset.ts';

/** Milliseconds; nothing here takes longer unless it hangs. */
const patience = Number(process.env['BOX_PATIENCE'] ?? 120_000);

/** Waits until `true()` holds, looking again on each turn of the event loop. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + patience;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export class NetPeer {
  socket: Socket;
  /** Everything heard and not yet taken by `hear`. */
  heard = '';
  closed = false;
  /** Of who waits for what comes next. */
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    this.#attend(socket);
  }

  static async dial(port: number, host = '127.0.0.1', localAddress?: string): Promise<NetPeer> {
    const from = localAddress === undefined ? {} : { localAddress };
    const socket = connect({ port, host, ...from });
    const peer = new NetPeer(socket);
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    return peer;
  }

  static async dialTls(port: number, options: ConnectionOptions): Promise<NetPeer> {
    const socket = connectTls({ port, host: '127.0.0.1', ...options });
    await once(socket, 'secureConnect');
    return new NetPeer(socket);
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** Waits for `text`, takes everything up to its end and gives it back. */
  async hear(text: string): Promise<string> {
    await this.#until(`"${text}"`, () => this.heard.includes(text));
    const end = this.heard.indexOf(text) + text.length;
    const taken = this.heard.slice(0, end);
    this.heard = this.heard.slice(end);
    return taken;
  }

  /** Waits for the other end to close, and gives what was heard until then. */
  async hearEnd(): Promise<string> {
    await this.#until('the end', () => this.closed);
    return this.heard;
  }

  async secure(options: ConnectionOptions): Promise<TLSSocket> {
    this.socket.removeAllListeners('data');
    const secure = connectTls({ socket: this.socket, ...options });
    await once(secure, 'secureConnect');
    this.socket = secure;
    this.#attend(secure);
    return secure;
  }

  vanish(): void {
    reset(this.socket);
  }

  /** Waits for what comes until that holds, and leaves the processor to others meanwhile. */
  async #until(what: string, holds: () => boolean): Promise<void> {
    let isLate = false;
    const alarm = setTimeout(() => {
      isLate = true;
      this.#tell();
    }, patience);
    try {
      while (!holds()) {
        if (isLate || this.closed) {
          throw new Error(`waited in vain for ${what} (heard "${this.heard.slice(-200)}")`);
        }
        await new Promise<void>((resolve) => void this.#waiting.push(resolve));
      }
    } finally {
      clearTimeout(alarm);
    }
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #attend(socket: Socket): void {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.heard += text;
      this.#tell();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#tell();
    });
  }
}
