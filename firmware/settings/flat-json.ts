/*
 * Reads settings.json: one JSON object (RFC 8259 §4) of names with texts, numbers, flags or lists
 * of texts; nothing deeper. Its own reader rather than JSON.parse, for two things that a person
 * who edits by hand needs: the line and column of a mistake, and names that stand there twice.
 */
import { failed, ok, type Result } from '#base/result';
import type { Written } from './kinds.ts';

/** Where reading stopped, and what should have stood there. */
export interface Fault {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
}

const space = /[ \t\r\n]*/y;
// RFC 8259 §7: string = quotation-mark *char quotation-mark
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
// RFC 8259 §6: number = [ minus ] int [ frac ] [ exp ]
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const flag = /(?:true|false)\b/y;

/** The names and what stands beside them, in their order. */
export function readFlatJson(source: string): Result<Map<string, Written>, Fault> {
  const reader = new Reader(source);
  try {
    return ok(reader.object());
  } catch (stop) {
    if (stop instanceof Expected) return failed(reader.fault(stop));
    throw stop;
  }
}

/** Leaves the reader from any depth; never leaves this file. */
class Expected extends Error {
  readonly what: string;
  readonly at: number;

  constructor(what: string, at: number) {
    super(what);
    this.what = what;
    this.at = at;
  }
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    if (source.startsWith('\uFEFF')) this.#at = 1; // some editors put a byte order mark there
  }

  object(): Map<string, Written> {
    const entries = new Map<string, Written>();
    this.#must('{', 'an opening brace {');
    if (!this.#try('}')) {
      do this.#member(entries);
      while (this.#try(','));
      this.#must('}', 'a comma or the closing brace }');
    }
    this.#skipSpace();
    if (this.#at < this.#source.length) throw this.#expected('nothing more after the brace }');
    return entries;
  }

  fault(stop: Expected): Fault {
    const before = this.#source.slice(0, stop.at).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return { line: before.length, column, expected: stop.what };
  }

  #member(entries: Map<string, Written>): void {
    this.#skipSpace();
    const begin = this.#at;
    const quoted = this.#token(string);
    if (quoted === undefined) throw this.#expected('a name in double quotes');
    const name = JSON.parse(quoted) as string;
    if (entries.has(name)) {
      throw new Expected(`each name once, and "${name}" stands there twice`, begin);
    }
    this.#must(':', 'a colon :');
    entries.set(name, this.#value());
  }

  #value(): Written {
    if (this.#try('[')) return this.#texts();
    const scalar = this.#token(string) ?? this.#token(number) ?? this.#token(flag);
    if (scalar !== undefined) return JSON.parse(scalar) as string | number | boolean;
    throw this.#expected('a text in double quotes, a number, true, false, or a list [ ] of texts');
  }

  #texts(): string[] {
    const texts: string[] = [];
    if (this.#try(']')) return texts;
    do {
      const quoted = this.#token(string);
      if (quoted === undefined) throw this.#expected('a text in double quotes');
      texts.push(JSON.parse(quoted) as string);
    } while (this.#try(','));
    this.#must(']', 'a comma or the closing bracket ]');
    return texts;
  }

  #skipSpace(): void {
    this.#match(space);
  }

  #token(pattern: RegExp): string | undefined {
    this.#skipSpace();
    return this.#match(pattern);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #try(mark: string): boolean {
    this.#skipSpace();
    if (!this.#source.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  #must(mark: string, what: string): void {
    if (!this.#try(mark)) throw this.#expected(what);
  }

  #expected(what: string): Expected {
    return new Expected(what, this.#at);
  }
}
