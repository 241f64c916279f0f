/* People, one person, and the machines that send. */
import { act, may, read, type Tab } from './tab.ts';

const status = read('status', 'status', 'status');
const person = '/people/:account';
const back = '/people/{{req.params.account}}';

export const people: Tab = {
  id: 'people',
  label: 'People',
  info: 'Who has mail here: addresses, app passwords, help pages; and devices that send.',
  pages: [
    {
      ...{ name: 'people', at: '/people', title: 'People', place: 'people', view: 'people' },
      ...{ template: 'people', reads: [status, may('device', 'list', 'devices')] },
    },
    {
      ...{ name: 'person', at: person, title: 'Person', place: 'people', view: 'person' },
      template: 'person',
      reads: [
        status,
        may('account', 'passwords', 'passwords'),
        may('account', 'join link', 'join'),
      ],
    },
  ],
  forms: [
    {
      ...{ at: '/devices', ask: act('device', 'add'), page: 'people' },
      after: { show: 'people' },
    },
    {
      ...{ at: '/devices/remove', ask: act('device', 'remove'), page: 'people' },
      after: { go: '/people', say: '{{answer.name}} may not send without a password any more.' },
    },
    {
      ...{ at: `${person}/passwords`, ask: act('account', 'add app password'), page: 'person' },
      after: { show: 'person' },
    },
    {
      at: `${person}/passwords/revoke`,
      ...{ ask: act('account', 'revoke app password'), page: 'person' },
      after: { go: back, say: 'The password for {{answer.name}} is not valid any more.' },
    },
    {
      ...{ at: `${person}/password`, ask: act('account', 'password'), page: 'person' },
      after: { go: back, say: 'The new password holds from now on.' },
    },
    {
      ...{ at: `${person}/addresses`, ask: act('account', 'add address'), page: 'person' },
      after: { go: back, say: 'The address {{answer.address}} is there.' },
    },
    {
      ...{
        at: `${person}/addresses/remove`,
        ask: act('account', 'remove address'),
        page: 'person',
      },
      after: {
        go: back,
        say: 'The address {{answer.address}} is gone; mail that lies here stays.',
      },
    },
    {
      ...{ at: `${person}/join`, ask: act('account', 'renew join link'), page: 'person' },
      after: { go: back, say: 'The old address leads nowhere from now on; this is the new one.' },
    },
    {
      ...{ at: `${person}/unlock`, ask: act('account', 'unlock'), page: 'person' },
      after: { go: back, say: 'Signing in works again from everywhere.' },
    },
    {
      ...{ at: `${person}/remove`, ask: act('account', 'remove'), page: 'person' },
      after: { go: '/people', say: 'The account {{answer.account}} and its mail are gone.' },
    },
  ],
};
