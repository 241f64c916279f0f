/*
 * One round over a source: its folders, one after the other, over a connection that is signed in.
 * Over POP3 removals are done with the end of the session; so whoever ends it tells the round.
 */
import { failed } from '#base/result';
import { joinFolders } from '#mail/sources/folder-names';
import type { Course } from './course.ts';
import { FolderRound } from './folder-round.ts';
import { rememberRemoved } from './limits.ts';
import { foldersOf, type RoundPorts, type RoundSource, type SourceMemory } from './ports.ts';
import { Removal } from './removal.ts';
import type { Upstream, UpstreamTrouble } from './upstream.ts';

export class Round {
  readonly course: Course;
  readonly #ports: RoundPorts;
  readonly #source: RoundSource;
  readonly #upstream: Upstream;
  readonly #memory: (folder: string) => SourceMemory;
  readonly #removal: Removal;

  /** `memory`: of each folder, from round to round. */
  constructor(
    ports: RoundPorts,
    source: RoundSource,
    upstream: Upstream,
    memory: (folder: string) => SourceMemory,
    course: Course,
  ) {
    this.#ports = ports;
    this.#source = source;
    this.#upstream = upstream;
    this.#memory = memory;
    this.course = course;
    this.#removal = new Removal({ ports, source, course });
  }

  /** All its folders, or these. */
  async run(folders: readonly string[] = foldersOf(this.#source)): Promise<void> {
    for (const name of folders) {
      if (this.course.over) return;
      const opened = await this.#upstream.open(name);
      if (opened.ok) {
        const parts = {
          ...{ ports: this.#ports, source: this.#source, upstream: this.#upstream },
          ...{ course: this.course, removal: this.#removal, memory: this.#memory(name) },
        };
        parts.memory.uidNext = opened.value.uidNext;
        await new FolderRound(parts, name, opened.value).run();
      } else await this.#notOpened(name, opened.error);
    }
    if (!this.course.over) await this.#forget();
  }

  /** QUIT or LOGOUT was answered well. */
  closed(): Promise<void> {
    return this.#removal.sessionEnded();
  }

  async #notOpened(name: string, trouble: UpstreamTrouble): Promise<void> {
    const { name: source } = this.#source;
    this.course.got(failed(trouble));
    if (this.course.over) return;
    if (name === '') {
      this.course.fail({ kind: 'broken', detail: 'the server does not open its maildrop' });
      return;
    }
    if (trouble.kind !== 'absent') {
      this.course.remark(`${source} does not open the folder "${name}": ${trouble.detail}`);
      return;
    }
    const names = this.course.got(await this.#upstream.folderNames()) ?? [];
    const which = names.length === 0 ? '' : `. There are ${joinFolders(names.slice(0, 20))}`;
    this.course.remark(`${source} has no folder "${name}"${which}`);
  }

  async #forget(): Promise<void> {
    const { collected, clock, clockIsSane } = this.#ports;
    if (!clockIsSane()) return;
    const before = clock.now() - rememberRemoved;
    this.course.kept(await collected.prune(this.#source.id, before));
  }
}
