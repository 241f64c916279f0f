/*
 * A toy protocol for testing the net: it answers each line with the same line. Some lines are
 * commands: STARTTLS, QUIT, WAIT (busy until the test opens the gate), FLOOD n (streams n times
 * 64 KiB), THROW and REJECT (defects). What the net calls is noted in `calls`.
 */
import type { Peer, Protocol, Session, TlsFacts, Wire } from '#protocol/session';

export class EchoProtocol implements Protocol {
  readonly name = 'echo';
  readonly busy = 'busy\r\n';
  readonly sessions: EchoSession[] = [];
  patience = 60_000;
  #openGate: () => void = () => {};
  gate = new Promise<void>((resolve) => {
    this.#openGate = resolve;
  });

  open(wire: Wire, peer: Peer): EchoSession {
    const session = new EchoSession(this, wire, peer);
    this.sessions.push(session);
    return session;
  }

  /** Lets the sessions that wait go on. */
  openGate(): void {
    this.#openGate();
  }
}

export class EchoSession implements Session {
  readonly calls: string[] = [];
  readonly peer: Peer;
  readonly #protocol: EchoProtocol;
  readonly #wire: Wire;
  /** Octets received in all. */
  received = 0;
  /** 64 KiB blocks sent by FLOOD. */
  flooded = 0;
  /** Calls that began while another was under way: must stay 0. */
  overlaps = 0;
  #calling = false;
  #line = '';
  readonly ending: Promise<void>;
  #end: () => void = () => {};

  constructor(protocol: EchoProtocol, wire: Wire, peer: Peer) {
    this.#protocol = protocol;
    this.#wire = wire;
    this.peer = peer;
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get patience(): number {
    return this.#protocol.patience;
  }

  get lost(): boolean {
    return this.#wire.lost;
  }

  greet(tls: TlsFacts | undefined): void {
    this.#note('greet');
    this.#wire.send(`hello ${tls?.version ?? 'plain'}\r\n`);
  }

  receive(octets: Buffer): void | Promise<void> {
    this.#note('receive');
    this.received += octets.length;
    const lines = (this.#line + octets.toString('latin1')).split('\r\n');
    this.#line = lines.pop() ?? '';
    for (const [index, line] of lines.entries()) {
      const busy = this.#obey(line);
      if (busy === 'stop') return;
      if (busy !== undefined) {
        this.#calling = true;
        this.#line = [...lines.slice(index + 1), this.#line].join('\r\n');
        return busy.finally(() => {
          this.#calling = false;
        });
      }
    }
  }

  secured(tls: TlsFacts): void {
    this.#note('secured');
    this.#line = '';
    this.#wire.send(`secured ${tls.version} ${tls.cipher}\r\n`);
  }

  expire(): void {
    this.#note('expire');
    this.#wire.send('too slow\r\n');
  }

  dismiss(why: 'stopping' | 'overload'): void {
    this.#note(`dismiss ${why}`);
    this.#wire.send(`${why}\r\n`);
  }

  ended(): void {
    this.#note('ended');
    this.#end();
  }

  #obey(line: string): undefined | 'stop' | Promise<void> {
    const [verb, argument] = line.split(' ');
    switch (verb) {
      case 'STARTTLS':
        this.#wire.send('go\r\n');
        this.#wire.startTls();
        return 'stop';
      case 'QUIT':
        this.#wire.send('bye\r\n');
        this.#wire.close();
        return 'stop';
      case 'WAIT':
        return this.#protocol.gate.then(() => this.#wire.send('waited\r\n'));
      case 'FLOOD':
        return this.#flood(Number(argument));
      case 'THROW':
        throw new Error('thrown on purpose');
      case 'REJECT':
        return Promise.reject(new Error('rejected on purpose'));
      default:
        this.#wire.send(`${line}\r\n`);
        return undefined;
    }
  }

  async #flood(blocks: number): Promise<void> {
    const block = Buffer.alloc(65_536, 0x2e);
    for (let sent = 0; sent < blocks && !this.#wire.lost; sent += 1) {
      this.#wire.send(block);
      await this.#wire.drained();
      this.flooded += 1;
    }
    this.#wire.send('flooded\r\n');
  }

  #note(call: string): void {
    if (this.#calling) this.overlaps += 1;
    this.calls.push(call);
  }
}
