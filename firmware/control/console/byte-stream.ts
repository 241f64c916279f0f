/*
 * The port that the console speaks through: a line of octets while it is connected. hardware/ fills
 * it with a serial port; a line that comes back after it dropped is a new ByteStream.
 */

export interface ByteStream {
  /** E.g. '/dev/ttyUSB0', for people. */
  readonly name: string;
  /** Octets that wait because the line is slow. */
  readonly waiting: number;
  /** After the line dropped it does nothing. */
  write(octets: string | Uint8Array): void;
  /** Resolves when nothing waits any more, or the line dropped. */
  drained(): Promise<void>;
  /** Who reads: one at a time; what comes while nobody reads is lost. */
  read(came: (octets: Uint8Array) => void): void;
  /** Resolves when the line has dropped. */
  readonly dropped: Promise<void>;
}
