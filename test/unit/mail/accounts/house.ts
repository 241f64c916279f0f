/* A household for these tests: in memory, with a clock turned by hand and cheap derivations. */
import assert from 'node:assert/strict';
import { Log, type LogLine } from '#base/log';
import type { Result } from '#base/result';
import { Seal } from '#base/seal';
import type { SignInContext } from '#mail/accounts/accounts';
import { Derivations } from '#mail/accounts/derivations';
import { Doorkeeper } from '#mail/accounts/doorkeeper';
import { Household } from '#mail/accounts/household';
import { MemoryAccountRecords } from '#mail/accounts/memory/memory-account-records';
import { MemoryFailedSignIns } from '#mail/accounts/memory/memory-failed-sign-ins';
import type { HouseholdSettings } from '#mail/accounts/routing';
import { Tally } from '#mail/accounts/tally';
import { type Address, parseAddress } from '#mail/address';
import { FakeClock } from '../../../support/fake-clock.ts';
import { SeededRandom } from '../../../support/seeded-random.ts';

export const settings: HouseholdSettings = {
  domains: ['restante.local', 'bücher.example'],
  catchAll: '',
  rounds: 16,
};

/** Counts the answers that are held back; what is written later has longer to wait. */
class HoldingClock extends FakeClock {
  held = 0;

  override after(ms: number, task: () => void): Disposable {
    if (ms > 10_000) return super.after(ms, task);
    this.held += 1;
    return super.after(ms, () => {
      this.held -= 1;
      task();
    });
  }
}

export class AccountsHouse {
  readonly clock = new HoldingClock();
  readonly random = new SeededRandom();
  readonly records: MemoryAccountRecords;
  readonly failedSignIns: MemoryFailedSignIns;
  readonly household: Household;
  readonly tally: Tally;
  readonly doorkeeper: Doorkeeper;
  readonly log: LogLine[] = [];

  constructor(
    records = new MemoryAccountRecords(),
    failedSignIns = new MemoryFailedSignIns(),
    seal = new Seal(Buffer.alloc(32, 7)),
    derivations = new Derivations(),
  ) {
    this.records = records;
    this.failedSignIns = failedSignIns;
    const { clock, random } = this;
    this.household = new Household({ records, derivations, seal, random, clock }, settings);
    this.tally = new Tally(failedSignIns);
    const log = new Log((line) => void this.log.push(line), clock);
    const { household, tally } = this;
    this.doorkeeper = new Doorkeeper({
      household,
      tally,
      derivations,
      seal,
      random,
      clock,
      log,
    });
  }

  /** The same house after a restart: what was kept, and nothing else. */
  async restarted(seal?: Seal): Promise<AccountsHouse> {
    const house = new AccountsHouse(this.records, this.failedSignIns, seal);
    house.clock.advance(this.clock.elapsed());
    await house.household.start();
    await house.doorkeeper.start();
    return house;
  }

  /** Signs in; turns the clock on when the answer is held back. How long that was, too. */
  async signIn(login: string, password: string, address = '192.168.1.23') {
    const before = this.clock.elapsed();
    let done = false;
    const answer = this.doorkeeper.withPassword(login, password, context(address)).finally(() => {
      done = true;
    });
    while (!done) {
      if (this.clock.held > 0) this.clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const result = await answer;
    return {
      outcome: result.ok ? result.value.password : result.error.code,
      login: result.ok ? result.value.login : undefined,
      held: this.clock.elapsed() - before,
    };
  }
}

export function context(address = '192.168.1.23'): SignInContext {
  return { session: 's1', address, protocol: 'pop3' };
}

export function good<T>(result: Result<T, unknown>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** The sentence of a refusal with this code. */
export function refused(result: Result<unknown, { code: string; say: string }>, code: string) {
  assert.equal(result.ok, false);
  if (result.ok) return '';
  assert.equal(result.error.code, code);
  return result.error.say;
}

export function at(text: string): Address {
  const address = parseAddress(text);
  assert.ok(address, text);
  return address;
}
