/*
 * A POP3 client that asks as fast as it can and does next to nothing with the answer: it knows each
 * message's size from LIST, skips that many octets and checks that the reply ends exactly there.
 * One fixed buffer per connection receives everything. It is a load, not a mail program: letters
 * must have no line that begins with a dot.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const bufferOctets = 262_144;

/** What the next octets mean; returns where it stopped reading. */
type Reader = (octets: Buffer, from: number) => number;

export class Pop3Client {
  readonly #socket: Socket;
  #read: Reader = (octets) => octets.length;
  #fail: (error: Error) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** Connects and takes the greeting. */
  static async open(port: number): Promise<Pop3Client> {
    let client: Pop3Client | undefined;
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(bufferOctets),
        callback: (count, buffer) => client?.receive(buffer as Buffer, count) ?? true,
      },
    });
    client = new Pop3Client(socket);
    await Promise.all([once(socket, 'connect'), client.#line()]);
    return client;
  }

  async signIn(login: string, password: string): Promise<void> {
    await this.command(`USER ${login}`);
    await this.command(`PASS ${password}`);
  }

  /** A command with an answer of one line, which must be positive. */
  command(text: string): Promise<string> {
    const line = this.#line();
    this.#socket.write(`${text}\r\n`);
    return line;
  }

  /** A command with an answer of many lines; gives its octets, first and last line not counted. */
  listing(text: string, take: (octets: Buffer) => void = () => {}): Promise<number> {
    return this.#until((done, fail) => {
      let octetsSeen = 0;
      let tail = '\r\n'; // the end of the first line
      // The line that holds a dot alone may lie across two receipts.
      const lines: Reader = (octets, from) => {
        const part = octets.subarray(from);
        take(part);
        octetsSeen += part.length;
        const seam = tail + part.toString('latin1', 0, 4);
        tail = part.length >= 4 ? part.toString('latin1', part.length - 4) : seam.slice(-4);
        if (seam.includes('\r\n.\r\n') || part.includes('\r\n.\r\n')) done(octetsSeen - 3);
        return octets.length;
      };
      this.#read = lineReader((line) => {
        if (!line.startsWith('+OK')) fail(new Error(`${text}: ${line}`));
        else this.#read = lines;
      });
      this.#socket.write(`${text}\r\n`);
    });
  }

  /** Messages' sizes by LIST, message 1 first. */
  async sizes(): Promise<number[]> {
    const pieces: Buffer[] = [];
    await this.listing('LIST', (octets) => pieces.push(Buffer.from(octets)));
    const text = Buffer.concat(pieces).toString('latin1');
    return Array.from(text.matchAll(/^\d+ (\d+)\r$/gm), (match) => Number(match[1]));
  }

  /** RETR of messages 1 to sizes.length, `window` of them asked for ahead. */
  retrieve(sizes: readonly number[], window: number): Promise<void> {
    return this.#until((done, fail) => {
      let asked = 0;
      let received = 0;
      const ask = () => {
        let commands = '';
        while (asked < sizes.length && asked - received < window) {
          asked += 1;
          commands += `RETR ${asked}\r\n`;
        }
        if (commands !== '') this.#socket.write(commands);
      };
      let left = 0;
      const body: Reader = (octets, from) => {
        const end = Math.min(from + left, octets.length);
        left -= end - from;
        if (left === 0) this.#read = last;
        return end;
      };
      const first = lineReader((line) => {
        if (!line.startsWith('+OK')) fail(new Error(`RETR ${received + 1}: ${line}`));
        left = sizes[received] ?? 0;
        this.#read = body;
      });
      const last = lineReader((line) => {
        if (line !== '.') fail(new Error(`RETR ${received + 1} is longer than LIST says`));
        received += 1;
        this.#read = first;
        if (received === sizes.length) done();
      });
      this.#read = first;
      this.#afterEach = ask;
      ask();
    });
  }

  async quit(): Promise<void> {
    await this.command('QUIT');
    this.#fail = () => {};
    this.#socket.destroy();
  }

  /** Leaves without QUIT. */
  drop(): void {
    this.#fail = () => {};
    this.#socket.destroy();
  }

  #afterEach: () => void = () => {};

  /** For the socket alone. */
  receive(buffer: Buffer, count: number): boolean {
    const octets = buffer.subarray(0, count);
    for (let at = 0; at < count; ) at = this.#read(octets, at);
    this.#afterEach();
    return true;
  }

  /** One positive line. */
  #line(): Promise<string> {
    return this.#until((done, fail) => {
      this.#read = lineReader((line) =>
        line.startsWith('+OK') ? done(line) : fail(new Error(line)),
      );
    });
  }

  #until<T>(begin: (done: (value: T) => void, fail: (error: Error) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        this.#read = (octets) => octets.length;
        this.#afterEach = () => {};
      };
      const fail = (error: Error) => {
        finish();
        reject(error);
      };
      this.#fail = fail;
      begin((value) => {
        finish();
        resolve(value);
      }, fail);
    });
  }
}

/** Reads lines, CRLF taken off. */
function lineReader(take: (line: string) => void): Reader {
  let partial = '';
  return (octets, from) => {
    const feed = octets.indexOf(10, from);
    const end = feed < 0 ? octets.length : feed + 1;
    partial += octets.toString('latin1', from, end);
    if (feed >= 0) {
      const line = partial.slice(0, -2);
      partial = '';
      take(line);
    }
    return end;
  };
}
