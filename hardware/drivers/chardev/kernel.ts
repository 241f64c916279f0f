/*
 * The only file that calls C: ioctl of the C library, and uv_poll of the libuv inside this very
 * Node, which tells when a file descriptor can be read without keeping a thread for it. node:ffi
 * is experimental: it may change with a newer Node, and then this file changes and no other.
 *
 * Every buffer handed to C is held by a variable until C is done with it.
 */
import { closeSync } from 'node:fs';

export interface Kernel {
  /** The errno, or 0 when it went well. Answers are written into `data`. */
  ioctl(fd: number, request: number, data: Buffer): number;
  /** Calls `ready` whenever `fd` can be read. Does not keep the process up. Closes `fd` at the
   * end. */
  watch(fd: number, ready: () => void): AsyncDisposable;
  /** Nanoseconds of CLOCK_MONOTONIC, with which the kernel stamps what happened. */
  monotonic(): bigint;
}

/** UV_POLL of enum uv_handle_type, UV_READABLE of enum uv_poll_event. */
const uvPoll = 8;
const uvReadable = 1;

/** Throws where this Node has no node:ffi. */
export async function openKernel(): Promise<Kernel> {
  const ffi = await import('node:ffi');
  const { lib, functions: c } = ffi.dlopen(null, {
    ioctl: { return: 'int32', arguments: ['int32', 'uint64', 'pointer'] },
    __errno_location: { return: 'pointer', arguments: [] },
    uv_handle_size: { return: 'uint64', arguments: ['int32'] },
    uv_hrtime: { return: 'uint64', arguments: [] },
    uv_poll_init: { return: 'int32', arguments: ['pointer', 'pointer', 'int32'] },
    uv_poll_start: { return: 'int32', arguments: ['pointer', 'int32', 'pointer'] },
    uv_unref: { return: 'void', arguments: ['pointer'] },
    uv_close: { return: 'void', arguments: ['pointer', 'pointer'] },
  });
  const errno = c.__errno_location();

  function ioctl(fd: number, request: number, data: Buffer): number {
    const answer = c.ioctl(fd, BigInt(request), data);
    return answer === -1 ? ffi.getInt32(errno, 0) : 0;
  }

  function watch(fd: number, ready: () => void): AsyncDisposable {
    const handle = Buffer.alloc(Number(c.uv_handle_size(uvPoll)));
    // Called by libuv outside of what Node calls a callback: promises would wait for something
    // else to happen, and an error would end the process. An immediate is on known ground.
    let due = false;
    const readable = lib.registerCallback(
      { return: 'void', arguments: ['pointer', 'int32', 'int32'] },
      () => {
        if (!due) setImmediate(run);
        due = true;
      },
    );
    let closing: Promise<void> | undefined;
    function run(): void {
      due = false;
      if (closing === undefined) ready();
    }
    must(c.uv_poll_init(ffi.getCurrentEventLoop(), handle, fd), 'uv_poll_init');
    must(c.uv_poll_start(handle, uvReadable, readable), 'uv_poll_start');
    c.uv_unref(handle);
    async function close(): Promise<void> {
      await new Promise<void>((resolve) => {
        const closed = lib.registerCallback({ return: 'void', arguments: ['pointer'] }, () => {
          setImmediate(() => {
            lib.unregisterCallback(closed);
            resolve();
          });
        });
        c.uv_close(handle, closed);
      });
      lib.unregisterCallback(readable);
      // Also the last use of `handle`: until here libuv had it.
      handle.fill(0);
      closeSync(fd);
    }
    return {
      [Symbol.asyncDispose]: () => {
        closing ??= close();
        return closing;
      },
    };
  }

  return { ioctl, watch, monotonic: () => c.uv_hrtime() };
}

function must(status: number, what: string): void {
  if (status !== 0) throw new Error(`${what}: ${status}`);
}
