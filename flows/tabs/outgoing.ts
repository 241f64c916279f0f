/* Outgoing mail, and the shelf. */
import { act, read, type Tab } from './tab.ts';

const status = read('status', 'status', 'status');
const flushed =
  '{{^answer.messages}}Nothing waits to go out.{{/answer.messages}}{{#answer.messages}}' +
  '{{answer.sent}} sent' +
  '{{#answer.later}}, {{answer.later}} to be tried again later{{/answer.later}}' +
  '{{#answer.gaveUp}}, {{answer.gaveUp}} given up; the senders are told{{/answer.gaveUp}}' +
  '{{#answer.untried}}, {{answer.untried}} not tried{{/answer.untried}}.{{/answer.messages}}' +
  '{{#answer.collected}} {{answer.collected}} collected.{{/answer.collected}}';

/** One message may go to several people. */
const tried =
  '{{#answer.sent}}Sent{{#answer.later}}, but not to all: the rest is tried again later' +
  '{{/answer.later}}.{{/answer.sent}}{{^answer.sent}}{{#answer.later}}Not sent yet. What was ' +
  'answered stands below; it is tried again by itself.{{/answer.later}}{{^answer.later}}' +
  '{{#answer.gaveUp}}Given up; its sender is told.{{/answer.gaveUp}}{{^answer.gaveUp}}' +
  'It was not tried: no provider serves its sender, or it was tried just now.' +
  '{{/answer.gaveUp}}{{/answer.later}}{{/answer.sent}}';

export const outgoing: Tab = {
  id: 'queue',
  label: 'Outgoing',
  info: 'Mail on its way out: why it waits, trying it now, dropping it, hold and release.',
  pages: [
    {
      ...{ name: 'queue', at: '/queue', title: 'Outgoing', place: 'queue', view: 'queue' },
      ...{ template: 'queue', reads: [status, read('queue', 'list', 'queue')] },
    },
    {
      ...{ name: 'queued', at: '/queue/:id', title: 'One message', place: 'queue' },
      ...{ view: 'queued', template: 'queued', reads: [read('queue', 'why', 'why')] },
    },
  ],
  forms: [
    {
      ...{ at: '/queue/flush', ask: act('queue', 'flush'), page: 'queue' },
      after: { go: '/', say: flushed },
    },
    {
      ...{ at: '/queue/hold', ask: act('queue', 'hold'), page: 'queue' },
      after: { go: '/queue', say: 'On hold: nothing goes out until you end it.' },
    },
    {
      ...{ at: '/queue/release', ask: act('queue', 'release'), page: 'queue' },
      after: { go: '/queue', say: 'Mail goes out again.' },
    },
    {
      ...{ at: '/queue/:id/retry', ask: act('queue', 'retry'), page: 'queued' },
      after: { go: '/queue/{{req.params.id}}', say: tried },
    },
    {
      ...{ at: '/queue/:id/drop', ask: act('queue', 'drop'), page: 'queued' },
      after: {
        go: '/queue',
        say: 'Dropped unsent{{#answer.told}}; its sender is told{{/answer.told}}.',
      },
    },
  ],
};

export const shelf: Tab = {
  id: 'shelf',
  label: 'Shelf',
  info: 'Deleted mail that can still be brought back.',
  pages: [
    {
      ...{ name: 'shelf', at: '/shelf', title: 'Shelf', place: 'shelf', view: 'shelf' },
      ...{ template: 'shelf', reads: [read('shelf', 'list', 'shelf', { count: '200' })] },
    },
  ],
  forms: [
    {
      ...{ at: '/shelf/restore', ask: act('shelf', 'restore'), page: 'shelf' },
      after: {
        go: '/shelf',
        say: 'Put back: {{answer.restored}}. Mail programs get it as new mail.',
      },
    },
  ],
};
