/*
 * The unique-ids of a listing, to be asked "is it there?" a hundred thousand times in 8 octets each:
 * the first half of a digest stands for each. Two of them alike are as likely as two equal random
 * numbers of 52 bits, and would only have a message looked at again, or later.
 */
import { createHash } from 'node:crypto';

const first = 1_024;

export class IdSet {
  #numbers = new Float64Array(first);
  #length = 0;
  #sorted = true;

  get size(): number {
    return this.#length;
  }

  add(id: string): void {
    if (this.#length === this.#numbers.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#numbers);
      this.#numbers = wider;
    }
    this.#numbers[this.#length++] = numberOf(id);
    this.#sorted = false;
  }

  has(id: string): boolean {
    if (!this.#sorted) this.#numbers.subarray(0, this.#length).sort();
    this.#sorted = true;
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
}

function numberOf(id: string): number {
  const digest = createHash('sha256').update(id).digest();
  return digest.readUIntBE(0, 6) * 16 + (digest[6] ?? 0) / 16;
}
