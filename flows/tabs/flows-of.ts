/*
 * From the descriptions of tabs to Node-RED's flows: nodes with ids that stay, laid out from left
 * to right as they are wired. Pure; the templates come in as texts.
 */
import { type FlowNode, printName, printOf } from '../shipped/tab-print.ts';
import type { Ask, Form, Page, Tab } from './tab.ts';

const column = 290;
const row = 80;
/** Links lie between the rows, so that wires do not cross the whole tab. */
const below = 30;

/** `templates`: by their file's name. */
export function flowsOf(
  tabs: readonly Tab[],
  templates: Readonly<Record<string, string>>,
): readonly FlowNode[] {
  return tabs.flatMap((tab) => nodesOf(tab, templates));
}

function nodesOf(tab: Tab, templates: Readonly<Record<string, string>>): readonly FlowNode[] {
  const z = `restante-tab-${tab.id}`;
  const nodes: FlowNode[] = [];
  let line = 0;
  /** Nodes of one line, from left to right. */
  const put = (place: number, node: FlowNode) => {
    const isLink = node.type.startsWith('link ');
    const y = 60 + line * row + (isLink ? below : 0);
    nodes.push({ ...node, z, x: 200 + (isLink ? place - 0.4 : place) * column, y });
  };
  for (const page of tab.pages) {
    putPage(tab, page, templates, put);
    line += 1;
  }
  for (const form of tab.forms) {
    putForm(tab, form, put);
    line += 1;
  }
  putCatch(tab, put);
  const head = { id: z, type: 'tab', label: tab.label, disabled: false, info: tab.info, env: [] };
  const env = [{ name: printName, value: printOf([head, ...nodes]), type: 'str' }];
  return [{ ...head, env }, ...nodes];
}

type Put = (place: number, node: FlowNode) => void;

function putPage(
  tab: Tab,
  page: Page,
  templates: Readonly<Record<string, string>>,
  put: Put,
): void {
  const { name, at, title, place, view } = page;
  const template = templates[page.template];
  if (template === undefined) throw new Error(`flows/pages/${page.template}.html is missing`);
  const show = showId(tab, name);
  if (at !== undefined) {
    put(0, { ...httpIn(`${show}-get`, 'get', at), wires: [[startOf(tab, page)]] });
  }
  const links = linksTo(tab, page);
  if (links.length > 0) {
    const link = { id: `${show}-link`, type: 'link in', name: `${page.name} again`, links };
    put(1, { ...link, wires: [[startOf(tab, page)]] });
  }
  page.reads.forEach((ask, index) => {
    const next = page.reads[index + 1] === undefined ? show : readId(tab, name, index + 1);
    const wires = [[next], [show]];
    put(index + 1, { ...asking(readId(tab, name, index), ask), wires });
  });
  const after = page.reads.length + 1;
  const shown = { id: show, type: 'restante-page', name, title, place, view, template };
  put(after, { ...shown, wires: [[`${show}-out`]] });
  put(after + 1, httpOut(`${show}-out`));
}

function putForm(tab: Tab, form: Form, put: Put): void {
  const id = formId(tab, form);
  const { after } = form;
  const done = 'go' in after ? `${id}-go` : linkId(tab, form, after.show);
  const refused = linkId(tab, form, form.page);
  put(0, { ...httpIn(id, 'post', form.at), wires: [[`${id}-ask`]] });
  put(1, { ...asking(`${id}-ask`, form.ask), wires: [[done], [refused]] });
  for (const page of pagesOf(form)) {
    const links = [`${showId(tab, page)}-link`];
    const link = { id: linkId(tab, form, page), type: 'link out', name: page, mode: 'link', links };
    put(page === form.page ? 2 : 2.2, { ...link, wires: [] });
  }
  if (!('go' in after)) return;
  const { go, say } = after;
  const name = `go to ${go.replaceAll(/\{\{.*?\}\}/g, '…')}`;
  const going = { id: `${id}-go`, type: 'restante-go', name, to: go, say, mood: 'well' };
  put(2, { ...going, wires: [[`${id}-out`]] });
  put(3, httpOut(`${id}-out`));
}

/** To which a form may lead within its tab. */
function pagesOf({ page, after }: Form): readonly string[] {
  return 'show' in after && after.show !== page ? [page, after.show] : [page];
}

function linksTo(tab: Tab, page: Page): readonly string[] {
  return tab.forms
    .filter((form) => pagesOf(form).includes(page.name))
    .map((form) => linkId(tab, form, page.name));
}

function formId(tab: Tab, form: Form): string {
  return `restante-${tab.id}-${slug(form.at)}`;
}

function linkId(tab: Tab, form: Form, page: string): string {
  return `${formId(tab, form)}-to-${page}`;
}

/** What nobody foresaw: the page says so, for a browser that waits. */
function putCatch(tab: Tab, put: Put): void {
  const id = `restante-${tab.id}-fault`;
  const all = { id: `${id}-catch`, type: 'catch', name: '', scope: null, uncaught: false };
  put(0, { ...all, wires: [[id]] });
  const page = { id, type: 'restante-page', name: 'fault', title: 'Something went wrong' };
  const template = '{{> broken}}';
  put(1, { ...page, place: tab.id, view: 'broken', template, wires: [[`${id}-out`]] });
  put(2, httpOut(`${id}-out`));
}

function httpIn(id: string, method: string, url: string): FlowNode {
  const rest = { upload: false, skipBodyParsing: false, swaggerDoc: '' };
  return { id, type: 'http in', name: '', url, method, ...rest };
}

function httpOut(id: string): FlowNode {
  return { id, type: 'http response', name: '', statusCode: '', headers: {}, wires: [] };
}

function asking(id: string, { family, action, property, fields, optional }: Ask): FlowNode {
  const own = fields === undefined ? '' : JSON.stringify(fields);
  const node = { id, type: `restante-${family}`, name: action, action, property };
  return { ...node, fields: own, optional: optional === true };
}

function startOf(tab: Tab, page: Page): string {
  return page.reads.length === 0 ? showId(tab, page.name) : readId(tab, page.name, 0);
}

function showId(tab: Tab, page: string): string {
  return `restante-${tab.id}-${page}`;
}

function readId(tab: Tab, page: string, index: number): string {
  return `${showId(tab, page)}-read-${index + 1}`;
}

function slug(path: string): string {
  return path.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '') || 'root';
}
