/*
 * Connecting in one go, both halves, as a table: what the provider says, and what is left. The
 * ports are the least that behaves; over a real box: test/integration/provider-connect.test.ts.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failed, ok, refusal } from '#base/result';
import { type Added, type ConnectPorts, connect, type Half, type Tested } from '#box/connecting';
import type { NewConnection } from '#control/box';

const works: Tested = { works: true, say: 'It works.', answer: '' };
const refused: Tested = { works: false, kind: 'sign-in', say: 'No.', answer: '535 no' };
const wrong: Tested = { works: false, kind: 'settings', say: 'No TLS.', answer: '' };
const away: Tested = { works: false, kind: 'unreachable', say: 'No answer.', answer: '' };

class MemoryHalf implements Half {
  readonly there = new Map<string, Added & { password: string | undefined }>();
  readonly begun = new Set<string>();
  says: (password: string | undefined) => Tested;
  signIn_ = false;

  constructor(says: Tested | ((password: string | undefined) => Tested)) {
    this.says = typeof says === 'function' ? says : () => says;
  }

  find: Half['find'] = async () => {
    const [first] = this.there;
    return ok(first === undefined ? undefined : { name: first[0], signIn: first[1].signIn });
  };
  names: Half['names'] = async () => ok([...this.there.keys()]);
  add: Half['add'] = async (name, { password }) => {
    const signIn = this.signIn_ ? 'missing' : 'password';
    this.there.set(name, { signIn, password });
    return ok({ signIn });
  };
  setPassword: Half['setPassword'] = async (name, password) => {
    this.there.set(name, { signIn: 'password', password });
    return ok(undefined);
  };
  signIn: Half['signIn'] = async (name, wish) => {
    if (wish.step === 'begin') {
      return ok({ step: 'device', name, address: 'https://x', code: 'AB', expiresAt: 0 });
    }
    this.there.set(name, { signIn: 'oauth', password: undefined });
    return ok({ step: 'done', name, say: 'Done.' });
  };
  test: Half['test'] = async (name) => ok(this.says(this.there.get(name)?.password));
  begin: Half['begin'] = async (name) => {
    this.begun.add(name);
    return ok(undefined);
  };
  remove: Half['remove'] = async (name) => {
    this.there.delete(name);
    return ok(undefined);
  };
}

function house(sending: MemoryHalf, collecting: MemoryHalf | undefined) {
  const addresses = new Set<string>();
  const ports: ConnectPorts = {
    sending,
    collecting,
    addresses: {
      has: (_account, address) => addresses.has(address),
      async add(_account, address) {
        if (address === 'taken@example.org') return failed(refusal('taken', 'It is taken'));
        addresses.add(address);
        return ok(undefined);
      },
      async remove(_account, address) {
        addresses.delete(address);
        return ok(undefined);
      },
    },
  };
  return { addresses, ports };
}

const wish: NewConnection = {
  ...{ account: 'ann', provider: 'gmx', user: 'ann@example.org', password: 'right' },
  ...{ send: true, collect: true, signIn: { step: 'begin' } },
};

const rows: readonly [string, Tested, Tested | undefined, boolean, string, number][] = [
  ['both work', works, works, true, 'sending+ collecting+', 1],
  ['both are refused', refused, refused, false, '', 0],
  ['wrong settings are taken back', wrong, wrong, false, '', 0],
  ['neither can be reached', away, away, false, 'sending collecting', 1],
  ['sending works, collecting is refused', works, refused, false, 'sending+', 1],
  ['sending is refused, collecting cannot be reached', refused, away, false, 'collecting', 1],
  ['this build does not collect', works, undefined, false, 'sending+', 1],
];

describe('connecting', () => {
  for (const [name, sends, collects, done, left, addresses] of rows) {
    test(name, async () => {
      const sending = new MemoryHalf(sends);
      const collecting = collects && new MemoryHalf(collects);
      const { ports, addresses: kept } = house(sending, collecting);
      const report = await connect(wish, ports);
      assert.ok(report.ok);
      assert.equal(report.value.done, done);
      const said = report.value.steps.flatMap(({ step, ok: well, name: there }) =>
        there === undefined ? [] : [`${step}${well ? '+' : ''}`],
      );
      assert.equal(said.join(' '), left);
      assert.equal(sending.there.size + (collecting?.there.size ?? 0), said.length);
      assert.equal(kept.size, addresses);
      // What is refused does nothing by itself, not even for the moment until it is taken back.
      const begun = sending.begun.size + (collecting?.begun.size ?? 0);
      assert.equal(begun, said.length);
    });
  }

  test('cut off after any step and asked again, it ends as if it had not been', async () => {
    const sending = new MemoryHalf((password) => (password === 'right' ? works : refused));
    const collecting = new MemoryHalf(works);
    const { ports, addresses } = house(sending, collecting);
    addresses.add('ann@example.org');
    sending.there.set('ann-gmx', { signIn: 'password', password: 'old' });
    const report = await connect(wish, ports);
    assert.ok(report.ok && report.value.done);
    assert.deepEqual([...sending.there.keys(), ...collecting.there.keys()], ['ann-gmx', 'ann-gmx']);
    assert.equal(sending.there.get('ann-gmx')?.password, 'right');
  });

  test('what was there before stays, though it is refused', async () => {
    const sending = new MemoryHalf(refused);
    const { ports, addresses } = house(sending, undefined);
    sending.there.set('mine', { signIn: 'password', password: 'old' });
    const report = await connect({ ...wish, collect: false }, ports);
    assert.ok(report.ok && !report.value.done);
    assert.equal(sending.there.size, 1);
    assert.equal(addresses.size, 1);
  });

  test('an address that cannot be added ends it before anything else', async () => {
    const sending = new MemoryHalf(works);
    const { ports } = house(sending, undefined);
    const report = await connect({ ...wish, address: 'taken@example.org' }, ports);
    assert.ok(report.ok);
    assert.deepEqual(report.value.steps, [{ step: 'address', ok: false, say: 'It is taken.' }]);
    assert.equal(sending.there.size, 0);
  });

  test('a sign-in on pages is begun, waited for, and then all is tested', async () => {
    const [sending, collecting] = [new MemoryHalf(works), new MemoryHalf(works)];
    sending.signIn_ = true;
    const { ports } = house(sending, collecting);
    const { password: _none, ...oauth } = wish;
    const begun = await connect(oauth, ports);
    assert.ok(begun.ok && !begun.value.done);
    assert.equal(begun.value.signIn?.step, 'device');
    assert.equal(collecting.there.size, 0);
    const again = await connect(oauth, ports);
    assert.equal(again.ok && again.value.signIn?.step, 'device', 'it is begun anew');
    collecting.signIn_ = true;
    const second = await connect({ ...oauth, signIn: { step: 'wait' } }, ports);
    assert.ok(second.ok && !second.value.done);
    assert.equal(second.value.signIn?.step, 'device', 'of the other half');
    const done = await connect({ ...oauth, signIn: { step: 'wait' } }, ports);
    assert.ok(done.ok && done.value.done, JSON.stringify(done));
    assert.equal(sending.there.size + collecting.there.size, 2);
  });
});
