/*
 * The first start, after the gate has taken the owner's password: a person, the person's provider,
 * a real test, and how to add the account to a phone. Each step is a page of its own; going back
 * and forth changes nothing, for what was done is in the box.
 */
import type { StatusReport } from '#control/types';
import type { Asked } from '../page/asked.ts';
import { joinView } from './people.ts';
import { faultOf } from './special.ts';
import { capital, joined } from './words.ts';

export function welcome(asked: Asked): object {
  const status = asked.box['status'] as StatusReport | undefined;
  const names = (status?.accounts ?? []).map(({ name }) => capital(name));
  return {
    fields: asked.fields,
    fault: faultOf(asked),
    isFirst: names.length === 0,
    ...(names.length === 0
      ? {}
      : { others: joined(names), have: names.length === 1 ? 'has' : 'have' }),
  };
}

export function welcomePhone(asked: Asked): object {
  const account = asked.params['account'] ?? '';
  return {
    account,
    called: capital(account),
    ...joinView(asked),
    fault: faultOf(asked),
  };
}
