/* Verbs as HTTP and back: what goes in comes out, and what fits no verb is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromRequest, toRequest } from '#control/routes';
import type { Call, Verb } from '#control/verb';
import { verbs } from '#control/verbs/table';

/** A call with every argument, option and secret that the verb has. */
function fullCall(verb: Verb): Call {
  const options = verb.options ?? [];
  const names = [
    ...(verb.arguments ?? []).map((argument) => argument.name),
    ...options.filter((one) => one.value !== undefined && !one.repeats).map((one) => one.name),
  ];
  const repeating = options.filter((option) => option.repeats);
  const lists = Object.fromEntries(repeating.map(({ name }) => [name, [`${name} &`, '"ä"?']]));
  return {
    values: Object.fromEntries(names.map((name) => [name, `${name} & "ä"?`])),
    flags: new Set(options.filter((one) => one.value === undefined).map((one) => one.name)),
    ...(repeating.length === 0 ? {} : { lists }),
    ...(verb.secret === undefined ? {} : { secret: 'pä ss&word' }),
  };
}

describe('verbs as HTTP', () => {
  for (const verb of verbs.filter((one) => one.runs !== 'command-line')) {
    test(`${verb.words.join(' ')} comes out as it went in`, () => {
      const call = fullCall(verb);
      assert.deepEqual(fromRequest(toRequest(verb, call), verbs), {
        ok: true,
        value: { verb, call },
      });
    });
  }

  const wrong: [string, Parameters<typeof fromRequest>[0], string][] = [
    ['no such path', { method: 'GET', path: '/v1/nothing', body: undefined }, 'unknown-verb'],
    ['an older version', { method: 'GET', path: '/v0/status', body: undefined }, 'unknown-verb'],
    ['start is not for HTTP', { method: 'POST', path: '/v1/start', body: '' }, 'unknown-verb'],
    ['a change by GET', { method: 'GET', path: '/v1/account/add', body: '' }, 'wrong-method'],
    ['not JSON', { method: 'POST', path: '/v1/settings/unset', body: '{' }, 'usage'],
    ['not an object', { method: 'POST', path: '/v1/settings/unset', body: '["a"]' }, 'usage'],
    ['a missing field', { method: 'POST', path: '/v1/settings/unset', body: '{}' }, 'usage'],
    [
      'a missing secret',
      { method: 'POST', path: '/v1/account/add', body: '{"account":"a"}' },
      'usage',
    ],
    [
      'a number for a text',
      { method: 'POST', path: '/v1/settings/unset', body: '{"name":1}' },
      'usage',
    ],
    ['an unknown field', { method: 'GET', path: '/v1/status?a=b', body: '' }, 'usage'],
    ['a flag that is neither', { method: 'GET', path: '/v1/log?follow=maybe', body: '' }, 'usage'],
  ];
  for (const [what, request, code] of wrong) {
    test(`refuses ${what}`, () => {
      const routed = fromRequest(request, verbs);
      assert.equal(routed.ok ? 'understood' : routed.error.code, code);
    });
  }
});
