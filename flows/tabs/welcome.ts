/* The first start: a person, a provider, a phone. */
import { act, may, read, type Tab } from './tab.ts';

const status = read('status', 'status', 'status');
const providers = may('provider', 'list', 'providers');
const place = 'welcome';

export const welcome: Tab = {
  id: 'welcome',
  label: 'Welcome',
  info: 'Adding a person: name and password, the account at a provider with a test, the phone.',
  pages: [
    {
      ...{ name: 'who', at: '/welcome', title: 'Welcome', place, view: 'welcome' },
      ...{ template: 'welcome', reads: [status] },
    },
    {
      ...{ name: 'provider', at: '/welcome/:account/provider', title: 'Provider', place },
      ...{ view: 'connect', template: 'welcome-provider', reads: [providers] },
    },
    {
      ...{ name: 'result', title: 'Provider', place, view: 'connected' },
      ...{ template: 'welcome-result', reads: [] },
    },
    {
      ...{ name: 'trust', title: 'Certificate', place, view: 'trust' },
      ...{ template: 'welcome-trust', reads: [] },
    },
    {
      ...{ name: 'phone', at: '/welcome/:account/phone', title: 'Phone', place },
      ...{ view: 'welcome-phone', template: 'welcome-phone' },
      reads: [read('account', 'join link', 'join'), status],
    },
  ],
  forms: [
    {
      ...{ at: '/welcome', ask: act('account', 'add'), page: 'who' },
      after: { go: '/welcome/{{answer.login}}/provider', say: '' },
    },
    {
      ...{ at: '/welcome/:account/provider', ask: act('provider', 'connect'), page: 'provider' },
      after: { show: 'result' },
    },
    {
      at: '/welcome/:account/provider/certificate',
      ...{ ask: act('provider', 'certificate'), page: 'trust' },
      after: { show: 'trust' },
    },
  ],
};
