/*
 * The frame of every page: what the browser needs, the way about, the lamps, what was just done,
 * and where a script may add life. Its template lies in layout.html, with the parts that pages
 * share in parts/; they are read once, when the first page is made.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { PanelReport } from '#control/types';
import type { Note } from './notes.ts';
import { type Partials, render } from './render.ts';

export interface Frame {
  readonly layout: string;
  readonly parts: Partials;
}

const folder = new URL('./', import.meta.url);

export async function readFrame(): Promise<Frame> {
  const names = (await readdir(new URL('parts/', folder))).filter((name) => name.endsWith('.html'));
  const parts = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(`parts/${name}`, folder), 'utf8');
      return [name.slice(0, -'.html'.length), text] as const;
    }),
  );
  return {
    layout: await readFile(new URL('layout.html', folder), 'utf8'),
    parts: Object.fromEntries(parts),
  };
}

export interface Sheet {
  readonly title: string;
  /** Which place of the way about is this one. */
  readonly place: string;
  readonly template: string;
  readonly view: object;
  readonly lamps: PanelReport['lamps'];
  readonly note?: Note;
}

const places = [
  { place: 'home', to: '/', say: 'Home' },
  { place: 'people', to: '/people', say: 'People' },
  { place: 'providers', to: '/providers', say: 'Providers' },
  { place: 'queue', to: '/queue', say: 'Outgoing' },
  { place: 'box', to: '/box', say: 'Box' },
  { place: 'shelf', to: '/shelf', say: 'Shelf', far: true },
  { place: 'log', to: '/log', say: 'Log', far: true },
  { place: 'settings', to: '/settings', say: 'Settings', far: true },
] as const;

/** On a phone, these stand below the box. */
const nearest: Readonly<Record<string, string>> = { shelf: 'box', log: 'box', settings: 'box' };

export function pageOf(frame: Frame, sheet: Sheet): string {
  const { title, place, template, view, lamps, note } = sheet;
  return render(
    frame.layout,
    {
      ...view,
      title,
      bare: place === 'welcome',
      places: places.map((one) => ({
        ...one,
        far: 'far' in one,
        here: one.place === place,
        near: nearest[place] === one.place,
      })),
      lamps: lamps.filter(({ lamp }) => !lamp.includes('.')).map(lampView),
      panelLamps: lamps.map(lampView),
      ...(note === undefined ? {} : { note: { ...note, wrong: note.mood === 'wrong' } }),
    },
    { ...frame.parts, page: template },
  );
}

function lampView({ lamp, pattern, say }: PanelReport['lamps'][number]): object {
  return { lamp, pattern, say };
}
