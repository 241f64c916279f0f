/*
 * One folder of a source in one round: under which identity its unique-ids are good, and a pass through
 * it. When the pass finds that they are not, another one goes by the digests alone.
 */
import type { SourceFolder } from '#mail/collected/collected';
import { identityOf, isInDoubt, nextIdentity } from './identity.ts';
import { Pass, type PassParts } from './pass.ts';
import { foldersOf } from './ports.ts';
import type { OpenFolder } from './upstream.ts';

export class FolderRound {
  readonly #parts: PassParts;
  readonly #name: string;
  readonly #open: OpenFolder;

  constructor(parts: PassParts, name: string, open: OpenFolder) {
    this.#parts = parts;
    this.#name = name;
    this.#open = open;
  }

  async run(): Promise<void> {
    const { ports, source, course } = this.#parts;
    const folders = course.kept(await ports.collected.folders(source.id));
    if (folders === undefined) return;
    const there = { name: this.#name, identity: this.#open.identity };
    let row = await this.#row(identityOf(there, source, folders));
    if (row !== undefined && source.protocol === 'imap' && isInDoubt(row, this.#open)) {
      ports.log.warn(`${source.name}: the unique-ids went back; messages are compared one by one`);
      row = await this.#row(nextIdentity(row.identity));
    }
    if (row === undefined) return;
    const collected = foldersOf(source);
    const former = folders.filter(({ id }) => id !== row?.id);
    const met = former.some(({ name }) => name === this.#name || !collected.includes(name));
    const end = await new Pass(this.#parts, this.#open, row, met).run();
    if (end !== 'doubt' || course.over) return;
    ports.log.warn(`${source.name}: a unique-id was used twice; messages are compared one by one`);
    const anew = await this.#row(nextIdentity(row.identity));
    if (anew !== undefined) await new Pass(this.#parts, this.#open, anew, true).run();
  }

  async #row(identity: string): Promise<SourceFolder | undefined> {
    const { ports, source, course } = this.#parts;
    return course.kept(await ports.collected.folder(source.id, this.#name, identity));
  }
}
