/*
 * Mends two faults of `serialport` 13.0.0 on Linux, from outside and in one place.
 *
 * When a tty is hung up while data waits in it, reading gives no octets, and the package reads on
 * and on, in all of a processor and ever more memory (serialport/bindings-cpp#162, open since 2023).
 * Here no octets mean the end, as in read(2). The descriptor does not block, so reading it takes
 * none of the threads that the mail store uses.
 *
 * What its poller sees it tells outside of any turn of the event loop, where promises do not go on:
 * a pressed button would wait for the next timer. Here it is told in a turn of its own.
 */
import { readSync } from 'node:fs';
import type { SerialPort } from 'serialport';

/** What the package's port on Linux has. */
interface LinuxPort {
  readonly fd: number | null;
  readonly poller: {
    once(event: 'readable', ready: (error: Error | null) => void): unknown;
    emit(event: string, ...values: unknown[]): boolean;
  };
  read(
    buffer: Buffer,
    offset: number,
    length: number,
  ): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/** To be called between opening and reading. */
export function mendPort(serialPort: SerialPort): void {
  const port = serialPort.port as LinuxPort | undefined;
  if (port === undefined) throw new Error('the port is not open');
  const { poller } = port;
  const emit = poller.emit.bind(poller);
  poller.emit = (...event) => {
    setImmediate(() => emit(...event));
    return true;
  };
  port.read = async (buffer, offset, length) => {
    for (;;) {
      if (port.fd === null) throw Object.assign(new Error('closed'), { canceled: true });
      const bytesRead = readNow(port.fd, buffer, offset, length);
      if (bytesRead === 0) throw new Error('the line was hung up');
      if (bytesRead !== undefined) return { buffer, bytesRead };
      await new Promise<void>((resolve, reject) => {
        poller.once('readable', (error) => (error === null ? resolve() : reject(error)));
      });
    }
  };
}

/** Undefined: nothing is there now. */
function readNow(fd: number, buffer: Buffer, offset: number, length: number): number | undefined {
  try {
    return readSync(fd, buffer, offset, length, null);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EINTR') return undefined;
    throw error;
  }
}
