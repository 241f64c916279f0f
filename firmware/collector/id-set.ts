/*
 * The unique-ids of a listing, to be asked "is it there?" a hundred thousand times in 8 octets each:
 * the first half of a digest stands for each. Two of them alike are as likely as two equal random
 * numbers of 52 bits, and would only have a message looked at again, or later.
 */
import { hash } from 'node:crypto';

const first = 1_024;

export class IdSet {
  #numbers = new Float64Array(first);
  #length = 0;
  #sorted = true;

  add(id: string): void {
    this.#add(numberOf(id));
  }

  has(id: string): boolean {
    if (this.#length === 0) return false;
    this.#sort();
    const wanted = numberOf(id);
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#numbers[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low < this.#length && this.#numbers[low] === wanted;
  }

  /** Those that were added more than once. */
  repeated(): IdSet {
    this.#sort();
    const repeated = new IdSet();
    for (let at = 1; at < this.#length; at++) {
      const number = this.#numbers[at];
      if (number !== undefined && number === this.#numbers[at - 1]) repeated.#add(number);
    }
    return repeated;
  }

  #add(number: number): void {
    if (this.#length === this.#numbers.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#numbers);
      this.#numbers = wider;
    }
    this.#numbers[this.#length++] = number;
    this.#sorted = false;
  }

  #sort(): void {
    if (!this.#sorted) this.#numbers.subarray(0, this.#length).sort();
    this.#sorted = true;
  }
}

/** As text: a digest in a Buffer of its own would be slower, and garbage of three kinds. */
function numberOf(id: string): number {
  const digest = hash('sha256', id, 'hex');
  return Number.parseInt(digest.slice(0, 13), 16);
}
