/* Home. */
import { may, read, type Tab } from './tab.ts';

export const home: Tab = {
  id: 'home',
  label: 'Home',
  info: 'The first page: the front panel, who has new mail, what waits, what needs care.',
  pages: [
    {
      ...{ name: 'home', at: '/', title: 'Home', place: 'home', view: 'home' },
      template: 'home',
      reads: [read('status', 'status', 'status'), may('source', 'list', 'sources')],
    },
  ],
  forms: [],
};
