/*
 * Octets that many may hold in memory together. Whoever finds too little left goes without; nobody
 * waits here for others to give back.
 */

export class Allowance {
  #left: number;

  constructor(octets: number) {
    this.#left = octets;
  }

  take(octets: number): boolean {
    if (octets > this.#left) return false;
    this.#left -= octets;
    return true;
  }

  giveBack(octets: number): void {
    this.#left += octets;
  }
}
