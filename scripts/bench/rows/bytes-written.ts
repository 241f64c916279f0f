/*
 * What reaches the disk for a message of 10 KiB, from MAIL to the mailbox: octets and write
 * operations, counted by the kernel on a disk that only the server under measurement writes to,
 * until the server has stopped and nothing is left to write.
 */
import { attachmentLetter, letters, textLetter } from '../letters.ts';
import { LoopDisk, type Written } from '../loop-disk.ts';
import { Postfix } from '../postfix.ts';
import { Restante } from '../restante.ts';
import { domain, login, type Receiver, type Rig, withFolder } from '../rig.ts';
import type { Figure, Row } from '../row.ts';
import { send } from '../smtp-sender.ts';

const messages = 2_000;
const sessions = 20;
const diskMegabytes = 256;

export const bytesText: Row = {
  name: 'bytes-text',
  what: 'written to disk for a 10 KiB message of text, 20 sessions',
  measure: (rig) => bytes(rig, bytesText.what, textLetter, 1.0),
};

export const bytesAttachment: Row = {
  name: 'bytes-attachment',
  what: 'written to disk for a 10 KiB message with a base64 attachment, 20 sessions',
  measure: (rig) => bytes(rig, bytesAttachment.what, attachmentLetter, 1.7),
};

async function bytes(
  rig: Rig,
  name: string,
  make: (number: number) => Buffer,
  timesItsSize: number,
): Promise<readonly Figure[]> {
  const peer: Written[] = [];
  const restante: Written[] = [];
  for (let round = 0; round < rig.rounds; round += 1) {
    if (rig.peers) peer.push(await writtenBy((folder) => new Postfix(folder), make));
    const { dist } = rig;
    if (dist !== undefined)
      restante.push(await writtenBy((folder) => new Restante(dist, folder), make));
  }
  const figure = (unit: string, value: (written: Written) => number, goal: number): Figure => ({
    name: `${name}: ${unit}`,
    unit,
    better: 'less',
    peerName: 'Postfix',
    peer: peer.map(value),
    restante: restante.map(value),
    goal: { value: goal },
  });
  return [
    figure('times its size', ({ octets }) => octets, timesItsSize),
    figure('write operations', ({ operations }) => operations, 1),
  ];
}

/** Per message: octets as multiples of its size, and operations. */
function writtenBy(
  make: (folder: string) => Receiver,
  letter: (number: number) => Buffer,
): Promise<Written> {
  return withFolder(async (folder) => {
    const disk = await LoopDisk.mount(folder, diskMegabytes);
    const server = make(`${disk.folder}/server`);
    try {
      await server.start();
      if (server instanceof Restante) await server.addAccounts(1);
      const before = await disk.written();
      let octets = 0;
      const counted = function* () {
        for (const one of letters(messages, letter)) {
          octets += one.length;
          yield one;
        }
      };
      await send(counted(), {
        port: server.smtpPort,
        sessions,
        recipient: () => `${login(0)}@${domain}`,
      });
      await server.settle();
      await server.stop();
      const after = await disk.written();
      return {
        octets: (after.octets - before.octets) / octets,
        operations: (after.operations - before.operations) / messages,
      };
    } finally {
      await server.stop();
      await disk.unmount();
    }
  });
}
