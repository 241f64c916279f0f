/*
 * `device ...`: printers, scanners, cameras, a NAS, which know neither TLS nor passwords. Each may
 * send from its own address on the home network, as one account.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import type { DeviceReport, NewDeviceReport } from '../types.ts';
import { type BoxVerb, type Call, value } from '../verb.ts';
import { columns, counted } from '../words.ts';

const name = { name: 'name' } as const;

const add: BoxVerb<NewDeviceReport> = {
  words: ['device', 'add'],
  arguments: [name],
  options: [
    { name: 'address', value: 'IP', summary: "the device's address on the home network (needed)" },
    { name: 'account', value: 'ACCOUNT', summary: 'whose mail it sends (needed)' },
    {
      name: 'from',
      value: 'ADDRESS',
      summary: "the sender of its mail, whatever it says itself; else the account's own address",
    },
    { name: 'per-hour', value: 'COUNT', summary: 'the most messages in an hour; else 100' },
    {
      name: 'old-tls',
      summary: 'let it use TLS 1.0 and 1.1 and RSA certificates, which nobody else may',
    },
  ],
  summary: 'let a printer, scanner or camera send from its address without a password',
  runs: 'box',
  async run(call, box) {
    const address = needed(call, 'address', 'IP');
    if (!address.ok) return address;
    const account = needed(call, 'account', 'ACCOUNT');
    if (!account.ok) return account;
    const { from, 'per-hour': perHour } = call.values;
    return box.devices.add({
      name: value(call, 'name'),
      address: address.value,
      account: account.value,
      oldTls: call.flags.has('old-tls'),
      ...(from === undefined ? {} : { from }),
      // What is no whole number becomes NaN, which the box refuses in words.
      ...(perHour === undefined ? {} : { perHour: /^\d+$/.test(perHour) ? Number(perHour) : NaN }),
    });
  },
  render: addedInWords,
};

const list: BoxVerb<readonly DeviceReport[]> = {
  words: ['device', 'list'],
  summary: 'every device that may send without a password',
  runs: 'box',
  reads: true,
  run: async (_call, box) => ok(box.devices.list()),
  render: (devices) =>
    columns(
      devices.map((one) => [
        one.name,
        one.address,
        one.account,
        `sends as ${one.from}`,
        `${one.sentThisHour} of ${counted(one.perHour, 'message')} this hour`,
        one.oldTls ? 'old TLS' : '',
      ]),
    ) ||
    'There is no device yet. Add one with: restante device add NAME --address IP --account NAME',
};

const remove: BoxVerb<Pick<DeviceReport, 'name'>> = {
  words: ['device', 'remove'],
  arguments: [name],
  summary: 'let a device no longer send; mail it has sent stays',
  runs: 'box',
  async run(call, box) {
    const gone = { name: value(call, 'name') };
    const done = await box.devices.remove(gone.name);
    return done.ok ? ok(gone) : done;
  },
  render: (gone) => `${gone.name} may not send without a password any more.`,
};

export const deviceVerbs = [add, list, remove] as const;

function needed(call: Call, option: string, word: string): Result<string> {
  const given = call.values[option];
  if (given !== undefined && given !== '') return ok(given);
  const right = 'restante device add NAME --address IP --account ACCOUNT';
  return failed(refusal('usage', `--${option} ${word} is missing. Write: ${right}`));
}

/** The box's authority signs with a key on an elliptic curve, which old devices cannot check. */
const oldTlsNote =
  'It is offered an RSA certificate too. If it still cannot encrypt, tell it not to check ' +
  'certificates; if it cannot do even that, switch encryption off on the device.';

function addedInWords({
  device,
  newAddress,
  server,
  ports,
  loopbackOnly,
}: NewDeviceReport): string {
  const { name: called, address, account, from, perHour, oldTls } = device;
  const rows = [
    ['Server', server],
    ['Port', ports.join(' or ') || 'none: smtp.port and submission.port are 0'],
    ['Security', oldTls ? 'none, or STARTTLS (also old TLS)' : 'none, or STARTTLS'],
    ['User name and password', 'none; switch authentication off'],
  ];
  return [
    `${called} may send from ${address}, at most ${counted(perHour, 'message')} an hour. ` +
      'Type into it:',
    '',
    columns(rows).replaceAll(/^/gm, '  '),
    '',
    `Its mail is ${account}'s: the sender is ${from}, whatever the device says, ` +
      'and bounces go there.',
    'The From that people read stays as the device writes it.',
    ...(newAddress ? [`${from} is an address of ${account} from now on.`] : []),
    ...(oldTls ? [oldTlsNote] : []),
    `Tell your router to give the device always the address ${address}.`,
    ...(loopbackOnly
      ? ['Only programs on this machine reach the box now; the setting listen.host opens it.']
      : []),
  ].join('\n');
}
