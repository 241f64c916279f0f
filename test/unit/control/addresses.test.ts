/* The verbs of addresses on a real household: what they do, and what they say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountBook } from '#box/account-book';
import type { Box } from '#control/box';
import { Devices } from '#mail/devices/devices';
import { MemoryDeviceRecords } from '#mail/devices/memory/memory-device-records';
import { MemoryStore } from '#mail/store/memory/memory-store';
import { placeOf } from '#net/peer';
import { noSources, signInsOf } from '../../support/sources.ts';
import { AccountsHouse, good } from '../mail/accounts/house.ts';
import { MemoryBox } from './memory-box.ts';
import { say } from './typed-words.ts';

class HouseBox extends MemoryBox {
  override readonly accounts: Box['accounts'];

  constructor(accounts: Box['accounts']) {
    super();
    this.accounts = accounts;
  }
}

async function annsBox(): Promise<HouseBox> {
  const { household, doorkeeper, clock } = new AccountsHouse();
  household.useSettings({ domains: ['restante.local'], catchAll: '', rounds: 16 });
  good(await household.addAccount('ann', 'ann pass'));
  const records = new MemoryDeviceRecords();
  const devices = new Devices({ records, household, clock, placeOf });
  const store = Object.assign(new MemoryStore(clock), { sweep() {} });
  const sources = noSources();
  const signIns = signInsOf(sources);
  return new HouseBox(accountBook({ household, doorkeeper, devices, store, sources, signIns }));
}

async function talk(rows: readonly (readonly [string, RegExp])[]): Promise<void> {
  const box = await annsBox();
  for (const [words, said] of rows) assert.match(await say(box, `address ${words}`), said, words);
}

test('addresses are given and taken', () =>
  talk([
    ['add ann info@restante.local', /^Mail to info@restante.local goes to ann\.$/],
    ['add ann info@restante.local', /already/],
    ['remove ann Info@restante.local', /^Info@restante.local does not belong to ann any more/],
    ['remove ann ann@restante.local', /own address/],
  ]));

test('an address is forwarded, with and without a copy here', () =>
  talk([
    [
      'add ann trip@restante.local --forward-to ann@work.example',
      /^Mail to trip@.* goes on to ann@work.example; ann keeps no copy here.*address add ann trip@/,
    ],
    ['add ann trip@restante.local --forward-to bob@club.example', /goes on to bob@club.example/],
    ['add ann Ann@restante.local --forward-to ann@work.example', /stays with ann, and a copy goes/],
    ['list', /^trip@\S+ +ann +forward +forwarded to ann@work.example, bob@club.example$/m],
    ['list ann', /^ann@restante.local +ann +local +forwarded to ann@work.example$/m],
    [
      'remove ann trip@restante.local --forward-to ann@work.example',
      /^Mail to trip@restante.local is not forwarded to ann@work.example any more\.$/,
    ],
    ['list', /^trip@\S+ +ann +forward +forwarded to bob@club.example$/m],
    ['remove ann trip@restante.local', /^trip@restante.local does not belong to ann any more/],
    ['remove ann ann@restante.local', /not forwarded any more; the address itself stays with ann/],
    ['list', /^ann@restante.local +ann +local *$/],
    ['add ann trip@restante.local --forward-to ann@restante.local', /address add ann trip@/],
    ['add ann x@y.example --outside --forward-to a@b.example', /leave --outside/],
  ]));

test('an account is known by an outside address, and by none again', () =>
  talk([
    ['add ann ann@gmail.example --known-as', /wants --outside/],
    [
      'add ann ann@gmail.example --outside --known-as',
      /^ann may send as ann@gmail.example; .* known by ann@gmail.example: what ann sends out/,
    ],
    ['add ann ann@icloud.example --outside', /^ann may send as \S+; mail to it goes out\.$/],
    ['list', /^ann@gmail.example +ann +outside +known by it$/m],
    ['known-as ann ann@icloud.example', /^ann is known by ann@icloud.example/],
    ['list', /^ann@icloud.example +ann +outside +known by it$/m],
    ['known-as ann ann@restante.local', /of this house/],
    ['known-as ann', /either .* or --none/],
    ['known-as ann ann@gmail.example --none', /either .* or --none/],
    ['known-as ann --none', /goes out under the address it was sent as/],
    ['list', /^ann@icloud.example +ann +outside *$/m],
    ['known-as dora --none', /no account dora/],
  ]));
