/* The devices as the control door sees them, with what to type into one that is new. */
import { ok } from '#base/result';
import type { DeviceBook } from '#control/box';
import type { ListenerReport, MailClientFacts } from '#control/types';
import type { Devices } from '#mail/devices/devices';
import type { Certificates } from '#net/tls/certificates';

interface Parts {
  readonly devices: Devices;
  readonly certificates: Certificates;
  readonly listeners: readonly ListenerReport[];
}

/** `facts`: how a mail client of this account reaches the box. */
export function deviceBook(
  { devices, certificates, listeners }: Parts,
  facts: (account: string) => MailClientFacts,
): DeviceBook {
  return {
    async add(wanted) {
      const added = await devices.add(wanted);
      if (!added.ok) return added;
      const { device, newAddress } = added.value;
      // Whoever reads what to type into the device finds its certificate made.
      if (device.oldTls) await certificates.look();
      const { server: name, otherwise, loopbackOnly } = facts(device.account);
      // Scanners and printers seldom look up a name in .local.
      const server = otherwise ?? name;
      // A device without TLS speaks on the ports that begin without.
      const plain = listeners.filter(({ name }) => name === 'smtp' || name === 'submission');
      const ports = [...new Set(plain.map(({ port }) => port))];
      return ok({ device, newAddress, server, ports, loopbackOnly });
    },
    list: () => devices.list(),
    remove: (name) => devices.remove(name),
  };
}
