/*
 * The collector as the book of sources asks it (source-book.ts): its reports in the book's words.
 * What a person does is often several changes (a source, its secret, a stop that is lifted); the
 * collector hears of them together, so that a password that is wrong is offered once.
 */
import type { Clock } from '#base/clock';
import { ok } from '#base/result';
import type { Collector } from '#collector/collector';
import type { Collection, SourceReport, SourceTest } from '#collector/condition';
import type { SourceId } from '#mail/ids';
import type { Collecting, SourceCondition, SourceLook, SourceTested } from './source-book.ts';

/** Milliseconds; what one person does at one time comes closer together. */
const together = 100;

export function collecting(collector: Collector, clock: Clock): Collecting {
  const changes = new Set<SourceId>();
  let alarm: Disposable | undefined;
  const tell = () => {
    alarm?.[Symbol.dispose]();
    alarm = undefined;
    const told = [...changes];
    changes.clear();
    for (const source of told) collector.changed(source);
  };
  return {
    async collect(source, progress) {
      tell();
      const came = await collector.collect(source, ({ source: id, counts }) => {
        const { delivered, known, twins, skipped, tooLarge } = counts;
        const others = known + twins + skipped + tooLarge;
        progress?.({ source: id, collected: delivered, others });
      });
      return ok(came.map(lookOf));
    },
    async test(source) {
      tell();
      const tested = await collector.test(source);
      return tested === undefined ? gone : testedOf(tested);
    },
    between: (source, job) => collector.between(source, () => job().finally(tell)),
    conditionOf: (source) => conditionOf(collector.condition(source), clock),
    changed(source) {
      collector.touched(source);
      changes.add(source);
      alarm ??= clock.after(together, tell);
    },
  };
}

const gone: SourceTested = { works: false, say: 'It was removed.', answer: '' };

function lookOf({ source, counts, trouble, remarks }: Collection): SourceLook {
  const { delivered, known, twins, skipped, tooLarge, removed } = counts;
  const said = [...(trouble === undefined ? [] : [trouble]), ...remarks];
  return {
    ...{ source, works: trouble === undefined, collected: delivered, known: known + twins },
    ...{ skipped, tooLarge, removed, say: said.join('. ') },
  };
}

function testedOf({
  ok: works,
  kind,
  say,
  advice,
  answer,
  tls,
  folders,
}: SourceTest): SourceTested {
  const [first] = folders;
  const messages = first?.messages;
  return {
    works,
    say: advice === '' ? `${say}.` : `${say}. ${advice}.`,
    answer: answer ?? '',
    ...(kind === undefined ? {} : { kind }),
    ...(tls === undefined ? {} : { tls }),
    ...(messages === undefined ? {} : { messages }),
  };
}

function conditionOf(report: SourceReport | undefined, clock: Clock): SourceCondition {
  if (report === undefined) return { kind: 'waiting', say: '' };
  const { condition, collectedAt, remarks, nextIn } = report;
  const lastAt = collectedAt === undefined ? {} : { lastAt: collectedAt };
  const nextAt = nextIn === undefined ? {} : { nextAt: Math.round(clock.now() + nextIn) };
  const when = { ...lastAt, ...nextAt };
  switch (condition.kind) {
    case 'well':
      return { kind: 'well', say: remarks.join('. '), ...when };
    case 'collecting':
      return { kind: 'collecting', say: '', ...when };
    case 'waiting': {
      const { say, advice, because } = condition;
      return { kind: because, say: advice === '' ? say : `${say}. ${advice}`, ...when };
    }
    // The registry knows these, too, and the book says them.
    case 'paused':
    case 'stopped':
      return { kind: 'waiting', say: '', ...lastAt };
  }
}
