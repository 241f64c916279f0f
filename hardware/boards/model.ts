/* What the device tree says this machine is: "Raspberry Pi 5 Model B Rev 1.0", or nothing. */
import { readFile } from 'node:fs/promises';

export async function readModel(path = '/proc/device-tree/model'): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replaceAll('\0', '').trim();
  } catch {
    return ''; // A PC, a virtual machine: no device tree.
  }
}
