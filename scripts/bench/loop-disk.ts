/*
 * A small ext4 disk of its own in a file, so that what reaches the disk can be counted for one
 * server and nobody else: the kernel counts write operations and sectors per loop device. Needs
 * root. The file is written out beforehand, so that the first writes cost what later ones cost.
 */
import { mkdir, readFile, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runProgram } from './processes.ts';

const sectorOctets = 512;

export interface Written {
  readonly octets: number;
  readonly operations: number;
}

export class LoopDisk {
  readonly folder: string;
  readonly #image: string;
  readonly #device: string;

  private constructor(folder: string, image: string, device: string) {
    this.folder = folder;
    this.#image = image;
    this.#device = device;
  }

  /** Makes and mounts it under `folder`. */
  static async mount(folder: string, megabytes: number): Promise<LoopDisk> {
    const image = join(folder, 'disk.img');
    const mountPoint = join(folder, 'disk');
    await mkdir(mountPoint);
    await runProgram('dd', ['if=/dev/zero', `of=${image}`, 'bs=1M', `count=${megabytes}`]);
    // Without lazy initialisation, which would write in the background while we count.
    await runProgram('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]);
    const device = (await runProgram('losetup', ['--find', '--show', image])).trim();
    try {
      await runProgram('mount', [device, mountPoint]);
    } catch (error) {
      await runProgram('losetup', ['-d', device]);
      throw error;
    }
    return new LoopDisk(mountPoint, image, device);
  }

  /** Everything written so far, after pushing out what is still in memory. */
  async written(): Promise<Written> {
    await runProgram('sync', ['--file-system', this.folder]);
    const stat = await readFile(`/sys/block/${basename(this.#device)}/stat`, 'latin1');
    const fields = stat.trim().split(/\s+/).map(Number);
    return { operations: fields[4] ?? 0, octets: (fields[6] ?? 0) * sectorOctets };
  }

  async unmount(): Promise<void> {
    await runProgram('umount', [this.folder]);
    await runProgram('losetup', ['-d', this.#device]);
    await unlink(this.#image);
  }
}
