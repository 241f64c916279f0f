/*
 * `join ...`: the address of somebody's help page ("how to add this account to your phone"), which
 * opens without a sign-in. The web pages show it, and as a QR code.
 */
import { ok, type Result } from '#base/result';
import type { Box } from '../box.ts';
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
    reportOf(box, value(call, 'account'), box.joins.tokenOf(value(call, 'account'))),
  render: inWords,
};

const renew: BoxVerb<JoinReport> = {
  words: ['join', 'renew'],
  arguments: [account],
  summary: 'make that address another one; the old one leads nowhere',
  runs: 'box',
  run: async (call, box) =>
    reportOf(box, value(call, 'account'), await box.joins.renew(value(call, 'account'))),
  render: inWords,
};

export const joinVerbs = [link, renew] as const;

function reportOf({ web }: Box, name: string, token: Result<string>): Result<JoinReport> {
  if (!token.ok) return token;
  const path = `/join/${token.value}`;
  const links = web.report().addresses.map((address) => new URL(path, address).href);
  return ok({ account: name, token: token.value, path, links });
}

function inWords({ path, links }: JoinReport): string {
  return links.length === 0
    ? `${path}, but there are no web pages: webs.port is 0`
    : links.join('\n');
}
