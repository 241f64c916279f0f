/* Guesses which known name somebody meant who wrote an unknown one. */

/** The nearest of `known` to `written`, or undefined when none is near. */
export function nearest<Name extends string>(
  written: string,
  known: readonly Name[],
): Name | undefined {
  const limit = Math.max(2, Math.floor(written.length / 3));
  let best: { name: Name; far: number } | undefined;
  for (const name of known) {
    const far = distance(written.toLowerCase(), name.toLowerCase());
    if (far <= limit && (best === undefined || far < best.far)) best = { name, far };
  }
  return best?.name;
}

/** Letters to add, drop or change to get from one word to the other (Levenshtein's distance). */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const change = from[row - 1] === to[column - 1] ? 0 : 1;
      line.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (line[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + change,
        ),
      );
    }
    above = line;
  }
  return above[to.length] ?? 0;
}
