/* Providers: ways out, and mailboxes that are collected from. */
import { act, type Form, may, read, type Tab } from './tab.ts';

const status = read('status', 'status', 'status');
const place = 'providers';

export const providers: Tab = {
  id: 'providers',
  label: 'Providers',
  info: 'The accounts elsewhere through which mail is sent and from which it is collected.',
  pages: [
    {
      ...{ name: 'providers', at: '/providers', title: 'Providers', place, view: 'providers' },
      template: 'providers',
      reads: [read('uplink', 'list', 'uplinks'), may('source', 'list', 'sources'), status],
    },
    {
      ...{ name: 'add', at: '/providers/add', title: 'Connect a provider', place, view: 'connect' },
      ...{ template: 'providers-add', reads: [may('provider', 'list', 'providers'), status] },
    },
    {
      ...{ name: 'result', title: 'Provider', place, view: 'connected' },
      ...{ template: 'providers-result', reads: [] },
    },
    {
      ...{ name: 'trust', title: 'Certificate', place, view: 'trust' },
      ...{ template: 'providers-trust', reads: [] },
    },
  ],
  forms: [
    {
      ...{ at: '/providers/add/certificate', ask: act('provider', 'certificate'), page: 'trust' },
      after: { show: 'trust' },
    },
    {
      ...{ at: '/providers/add', ask: act('provider', 'connect'), page: 'add' },
      after: { show: 'result' },
    },
    ...formsOf('uplink'),
    ...formsOf('source'),
    {
      ...{ at: '/providers/source/:name/collect', ask: act('source', 'collect') },
      ...{ page: 'providers', after: { show: 'providers' } },
    },
    {
      ...{ at: '/providers/source/:name/pause', ask: act('source', 'pause'), page: 'providers' },
      after: { go: '/providers', say: 'Nothing is collected from there until you say so.' },
    },
    {
      ...{ at: '/providers/source/:name/resume', ask: act('source', 'resume'), page: 'providers' },
      after: { go: '/providers', say: 'Mail is collected from there again.' },
    },
  ],
};

function formsOf(family: 'uplink' | 'source'): readonly Form[] {
  const at = `/providers/${family}/:name`;
  const page = 'providers';
  return [
    { at: `${at}/test`, ask: act(family, 'test'), page, after: { show: 'providers' } },
    { at: `${at}/sign-in`, ask: act(family, 'sign in'), page, after: { show: 'result' } },
    {
      ...{ at: `${at}/password`, ask: act(family, 'password'), page },
      after: { go: `/providers#${family}-{{req.params.name}}`, say: 'Kept. Now test it.' },
    },
    {
      ...{ at: `${at}/remove`, ask: act(family, 'remove'), page },
      after: { go: '/providers', say: 'It is gone, and the box has forgotten its password.' },
    },
  ];
}
