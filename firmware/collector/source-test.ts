/*
 * `source test`: connects as a collection would, signs in, looks whether the folders are there, and
 * signs off. Nothing is collected, and nothing is changed at the source.
 */
import { joinFolders } from '#mail/sources/folder-names';
import type { Source } from '#mail/sources/sources';
import type { CollectorPorts } from './collector.ts';
import type { SourceTest } from './condition.ts';
import { type AboutSource, explain } from './explain.ts';
import { foldersOf } from './ports.ts';
import type { Upstream, UpstreamFacts, UpstreamTrouble } from './upstream.ts';
import { connect, type NoTarget } from './visit.ts';

type TestPorts = Pick<
  CollectorPorts,
  'briskConnector' | 'tokenInPlaceOf' | 'target' | 'clockIsSane' | 'mannersOf'
>;

export async function testSource(
  ports: TestPorts,
  source: Source,
  signal: AbortSignal,
): Promise<SourceTest> {
  const target = await ports.target(source);
  if (!target.ok) return withoutTarget(target.error);
  const { briskConnector: connector, tokenInPlaceOf } = ports;
  const connected = await connect({ connector, tokenInPlaceOf }, source, target.value, signal);
  if (!connected.ok) {
    if ('say' in connected.error) return withoutTarget(connected.error);
    const { kind, say, advice } = explain(
      connected.error,
      aboutSource(ports, source, 'accessToken' in target.value.secret),
    );
    const { answer } = connected.error;
    const said = [answer?.code && `[${answer.code}]`, answer?.text].filter(Boolean).join(' ');
    const words = said === '' ? {} : { answer: said };
    return { ok: false, kind, say, advice, folders: [], ...words };
  }
  try {
    return await look(connected.value, source);
  } finally {
    await connected.value.close();
  }
}

function withoutTarget({ kind, say }: NoTarget): SourceTest {
  return { ok: false, kind, say, advice: '', folders: [] };
}

/** A collection may take long, and shows all that a test could. */
export function worksNow({ tls }: UpstreamFacts): SourceTest {
  const say = 'It works: mail is collected from there just now';
  return { ok: true, say, advice: '', folders: [], ...(tls === undefined ? {} : { tls }) };
}

async function look(upstream: Upstream, source: Source): Promise<SourceTest> {
  const folders: { name: string; messages?: number }[] = [];
  const { tls } = upstream.facts;
  const facts = tls === undefined ? {} : { tls };
  for (const name of foldersOf(source)) {
    const opened = await upstream.open(name);
    if (opened.ok) folders.push({ name, messages: opened.value.messages });
    else if (opened.error.kind === 'absent') folders.push({ name });
    else return { ok: false, ...notOpened(source, name, opened.error), folders, ...facts };
  }
  const missing = folders.filter(({ messages }) => messages === undefined);
  if (missing.length === 0) {
    const wire = tls === undefined ? 'without encryption' : `over ${tls.split(' ')[0]}`;
    const say = `It works: ${source.host} let ${source.user} in, ${wire}`;
    return { ok: true, say, advice: '', folders, ...facts };
  }
  const names = await upstream.folderNames();
  const there = names.ok ? joinFolders(names.value.slice(0, 50)) : '';
  const say = `There is no folder ${missing.map(({ name }) => `"${name}"`).join(', ')}`;
  const advice = there === '' ? '' : `There are ${there}`;
  return { ok: false, say, advice, folders, ...facts };
}

function notOpened({ host }: Source, folder: string, { kind, detail }: UpstreamTrouble) {
  const words = {
    broken: 'It lets us in, and then the connection broke',
    later: `${host} lets us in, and gives nothing out just now`,
    refused: `The folder "${folder}" is not opened`,
    absent: `There is no folder "${folder}"`,
  }[kind];
  const say = `${words}: ${detail.replace(/[.\s]+$/, '')}`;
  return { say, advice: kind === 'refused' ? '' : 'Try again later' };
}

export function aboutSource(
  { clockIsSane, mannersOf }: Pick<CollectorPorts, 'clockIsSane' | 'mannersOf'>,
  source: Source,
  oauth: boolean,
): AboutSource {
  const { name, protocol, host, port, security } = source;
  const { first } = mannersOf(source);
  return {
    ...{ name, protocol, host, port, security, oauth, clockIsSane: clockIsSane() },
    ...(first === undefined ? {} : { first }),
  };
}
