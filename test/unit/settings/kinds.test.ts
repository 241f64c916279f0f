/* What each kind of setting takes and refuses, as a table. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { show } from '#settings/check';
import * as kinds from '#settings/kinds';
import { rowOf, settingNames } from '#settings/table';

const whole = kinds.whole('seconds', 30, 600);
const octets = kinds.octets(1024, 1024 ** 3);
const choice = kinds.choice('auto', 'never');

const rows: readonly [kinds.Kind<unknown>, unknown, unknown][] = [
  [whole, 30, 30],
  [whole, '600', 600],
  [whole, ' 45 s ', 45],
  [whole, 29, undefined],
  [whole, 601, undefined],
  [whole, 30.5, undefined],
  [whole, '3e2', undefined],
  [whole, -30, undefined],
  [whole, '45 days', undefined],
  [whole, true, undefined],
  [whole, '', undefined],
  [kinds.port, 0, 0],
  [kinds.port, '65535', 65_535],
  [kinds.port, 65_536, undefined],
  [octets, '1K', 1024],
  [octets, '100M', 104_857_600],
  [octets, '1 GiB', 1024 ** 3],
  [octets, '2g', undefined],
  [octets, 2048, 2048],
  [octets, '1.5M', undefined],
  [octets, '1T', undefined],
  [choice, 'AUTO', 'auto'],
  [choice, 'always', undefined],
  [choice, null, undefined],
  [kinds.domain, 'Restante.LOCAL', 'restante.local'],
  [kinds.domain, 'post.müller.example', 'post.müller.example'],
  [kinds.domain, '-bad.example', undefined],
  [kinds.domain, 'two..dots', undefined],
  [kinds.domain, 'a b', undefined],
  [kinds.domain, 'x'.repeat(64), undefined],
  [kinds.domain, '', undefined],
  [kinds.domains, 'a.example, b.example,a.example', ['a.example', 'b.example']],
  [kinds.domains, ['a.example'], ['a.example']],
  [kinds.domains, [], undefined],
  [kinds.domains, ['a.example', 7], undefined],
  [kinds.addresses, '127.0.0.1, ::1', ['127.0.0.1', '::1']],
  [kinds.addresses, '127.0.0.256', undefined],
  [kinds.addresses, 'localhost', undefined],
  [kinds.addresses, '', undefined],
  [kinds.path, '/etc/ssl/box.pem', '/etc/ssl/box.pem'],
  [kinds.path, '', ''],
  [kinds.path, 'box.pem', undefined],
  [kinds.path, '/etc/\u001b[2J', undefined],
];

for (const [index, [kind, written, value]] of rows.entries()) {
  test(`row ${index}: ${JSON.stringify(written)} for ${kind.allowed}`, () => {
    assert.deepEqual(kind.read(written), value);
  });
}

test('every default is allowed, and reads back from what is written, as itself and as text', () => {
  for (const name of settingNames) {
    const { kind, preset } = rowOf(name);
    for (const value of Object.values(preset)) {
      const written = kind.write(value);
      assert.deepEqual(kind.read(written), value, name);
      assert.deepEqual(kind.read(String(written)), value, name);
    }
  }
});

test('every sentence is one, and ends like one', () => {
  for (const name of settingNames) assert.match(rowOf(name).sentence, /^[A-Z].*\.$/, name);
});

describe('what a form is told of each setting', () => {
  for (const name of settingNames) {
    const { kind } = rowOf(name);
    const form = kind.form ?? { type: 'text' };
    test(`${name} (${form.type})`, () => {
      switch (form.type) {
        case 'choice':
          for (const one of form.choices) assert.equal(kind.read(one), one);
          break;
        case 'number':
        case 'octets':
          for (const good of [form.min, form.max]) assert.equal(kind.read(String(good)), good);
          for (const bad of [form.min - 1, form.max + 1]) assert.equal(kind.read(bad), undefined);
          break;
        case 'duration':
          for (const good of [form.min, form.max]) assert.equal(kind.read(`${good}s`), good);
          for (const bad of [form.min - 1, form.max + 1]) {
            assert.equal(kind.read(`${bad}s`), undefined);
          }
          assert.equal(kind.read('0'), form.zero === undefined ? undefined : 0);
          break;
        default:
          assert.notEqual(kind.read(show(kind.write(rowOf(name).preset.appliance))), undefined);
      }
    });
  }
});
