/*
 * `join ...`: the address of somebody's help page ("how to add this account to your phone"), which
 * opens without a sign-in. The web pages show it, and as a QR code.
 */
import { ok, type Result } from '#base/result';
import type { JoinReport } from '../types.ts';
import { type BoxVerb, value } from '../verb.ts';

const account = { name: 'account' } as const;

const link: BoxVerb<JoinReport> = {
  words: ['join', 'link'],
  arguments: [account],
  summary: "the address of an account's own help page; whoever has it can open it",
  runs: 'box',
  reads: true,
  run: async (call, box) =>
    reportOf(value(call, 'account'), box.joins.tokenOf(value(call, 'account'))),
  render: ({ path }) => path,
};

const renew: BoxVerb<JoinReport> = {
  words: ['join', 'renew'],
  arguments: [account],
  summary: 'make that address another one; the old one leads nowhere',
  runs: 'box',
  run: async (call, box) =>
    reportOf(value(call, 'account'), await box.joins.renew(value(call, 'account'))),
  render: ({ path }) => path,
};

export const joinVerbs = [link, renew] as const;

function reportOf(name: string, token: Result<string>): Result<JoinReport> {
  return token.ok ? ok({ account: name, token: token.value, path: `/join/${token.value}` }) : token;
}
