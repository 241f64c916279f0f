/*
 * Node-RED's settings, as this box wants it: small, silent, asking nobody outside. No telemetry, no
 * update checks, no palette to download from, no projects, no credentials in flows. Where things
 * lie and whether the editor is loaded comes in from start.ts.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Place {
  /** The control socket of the box. */
  readonly control: string;
  /** Node-RED's userDir. */
  readonly data: string;
  /** The folder of the package node-red-contrib-restante. */
  readonly nodes: string;
  /** Core nodes that nobody can use: their files are not loaded. */
  readonly excluded: readonly string[];
  /** Whether the editor is served at /editor. */
  readonly editor: boolean;
  /** Hears what Node-RED and the flows warn of. */
  readonly log: (line: LogLine) => void;
}

/** A line of Node-RED's log. */
export interface LogLine {
  readonly msg?: unknown;
  readonly type?: string;
  readonly name?: string;
}

/** It warns of what is meant to be so (see below); that is not worth a line at each start. */
const meant =
  /^(?:Projects disabled|Using unencrypted credentials|Encrypted credentials not found)/;

/** What is to be logged of it; undefined: nothing. */
export function lineInWords({ msg, type, name }: LogLine): string | undefined {
  const said = typeof msg === 'object' && msg !== null && 'message' in msg ? msg.message : msg;
  const text = String(said ?? '').trim();
  if (text === '' || meant.test(text)) return undefined;
  return type === undefined ? text : `The node ${name || type}: ${text}`;
}

export function settingsFor(place: Place): Record<string, unknown> {
  return {
    restanteControl: place.control,
    userDir: place.data,
    flowFile: 'flows.json',
    flowFilePretty: true,
    nodesDir: [place.nodes],
    nodesExcludes: place.excluded,
    httpNodeRoot: '/',
    httpAdminRoot: place.editor ? '/editor' : false,
    disableEditor: !place.editor,
    // Flows hold no secrets (a rule of this box): there is nothing to seal.
    credentialSecret: false,
    // A form is short, and so are the messages that flows pass on.
    apiMaxLength: '256kb',
    telemetry: { enabled: false, updateNotification: false },
    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
      modules: { allowInstall: false },
    },
    diagnostics: { enabled: false, ui: false },
    runtimeState: { enabled: false, ui: false },
    functionExternalModules: false,
    contextStorage: { default: { module: 'localfilesystem', config: { flushInterval: 1 } } },
    logging: {
      console: { level: 'off', metrics: false, audit: false },
      restante: { level: 'warn', metrics: false, audit: false, handler: () => place.log },
    },
    editorTheme: {
      page: { title: 'Restante' },
      header: { title: 'Restante', image: null },
      projects: { enabled: false },
      palette: { catalogues: [] },
      tours: false,
      menu: { 'menu-item-help': { label: 'Back to the pages', url: '/' } },
    },
  };
}

/** Files of core nodes whose every type no flow uses. `typesOf` reads them from the files' HTML. */
export function unusedCoreNodes(
  folder: string,
  used: ReadonlySet<string>,
  typesOf: (htmlFile: string) => readonly string[],
): readonly string[] {
  const unused: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
    const html = join(entry.parentPath, entry.name.replace(/\.js$/, '.html'));
    const types = typesOf(html);
    if (types.length > 0 && !types.some((type) => used.has(type))) unused.push(entry.name);
  }
  return unused;
}
