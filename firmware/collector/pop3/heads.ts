/*
 * Header sections by TOP (RFC 1939 §7): for somebody to look at, and, at servers without UIDL,
 * as what a message is known by. Cut at the blank line, for some servers send more than they
 * are asked for, and after a bounded number of octets.
 */
import { createHash } from 'node:crypto';
import { failed, ok, type Result } from '#base/result';
import type { Answer } from '#protocol/pop3/client/answer';
import { top } from '#protocol/pop3/client/commands/retrieving';
import type { Ending, Pop3Dialogue, Verdict } from './dialogue.ts';
import { headerOctets, topOctets } from './limits.ts';
import { Requests } from './requests.ts';

const blankLine = Buffer.from('\r\n\r\n');

/** Collects one header section. */
class Head {
  readonly #pieces: Buffer[] = [];
  #octets = 0;
  #seen = 0;

  /** Copies what it keeps. */
  add(octets: Buffer): void {
    this.#seen += octets.length;
    if (this.#octets >= headerOctets) return;
    const kept = Buffer.from(octets.subarray(0, headerOctets - this.#octets));
    this.#pieces.push(kept);
    this.#octets += kept.length;
  }

  /** Octets that came, kept or not. */
  get seen(): number {
    return this.#seen;
  }

  /** With its blank line, where it is not cut before. */
  take(): Buffer {
    const octets = Buffer.concat(this.#pieces);
    const end = octets.indexOf(blankLine);
    return end < 0 ? octets : octets.subarray(0, end + blankLine.length);
  }
}

/**
 * Asks for the header sections of messages, and hands each to `got`; or the refusal, when there is
 * one.
 */
export function heads(
  dialogue: Pop3Dialogue,
  { numbers, pipelining, wait }: { numbers: readonly number[]; pipelining: boolean; wait: number },
  got: (number: number, head: Result<Buffer, Answer>) => void,
): Promise<Result<void, Ending>> {
  if (numbers.length === 0) return Promise.resolve(ok(undefined));
  const requests = new Requests({
    things: numbers,
    pipelining,
    command: (number) => top(number, 0),
    octets: () => headerOctets / 16,
  });
  let head = new Head();
  const next = (found: Result<Buffer, Answer>): Verdict => {
    const { current = 0 } = requests;
    requests.answered();
    got(current, found);
    if (requests.done) return 'done';
    dialogue.send(requests.due());
    return 'more';
  };
  if (dialogue.gone === undefined) dialogue.send(requests.due());
  return dialogue.until(wait, (event) => {
    if (event.kind === 'answer') return next(failed(event.answer));
    if (event.kind === 'begun') head = new Head();
    if (event.kind === 'end') return next(ok(head.take()));
    if (event.kind !== 'octets') return 'more';
    head.add(event.octets);
    return head.seen > topOctets ? { endless: 'the answer to TOP' } : 'more';
  });
}

/** What a message is known by where there is no UIDL. Sizes are left out: servers that old count
 * them as they please. Equal header sections make equal ones, which the listing tells apart. */
export function headId(head: Buffer): string {
  return `head:${createHash('sha256').update(head).digest('base64url')}`;
}
