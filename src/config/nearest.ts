/**
 * The known name a person most likely meant: what turns "unknown key" into a
 * correction. Case, dots, dashes and underscores are not counted as mistakes,
 * and a name given without its section finds its whole one
 * (`listen-address` finds `web.listen-address`).
 *
 * @returns undefined when nothing is near enough to be worth a guess
 */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const wanted = bare(given);
  if (wanted === '') return undefined;
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = Math.min(editDistance(wanted, bare(name)), afterTheSection(wanted, name));
    if (distance <= allowance(wanted, name) && distance < (best?.distance ?? Infinity))
      best = { name, distance };
  }
  return best?.name;
}

/** ` Did you mean "x"?`, or '' when nothing is near. */
export function didYouMean(given: string, known: readonly string[]): string {
  const name = nearest(given, known);
  return name === undefined ? '' : ` Did you mean ${name}?`;
}

/** A guess that is wrong in more than a third of its letters is noise. */
function allowance(wanted: string, name: string): number {
  return Math.max(1, Math.floor(Math.max(wanted.length, bare(name).length) / 3));
}

function afterTheSection(wanted: string, name: string): number {
  const last = bare(name.split(/[.:]/).at(-1) ?? name);
  // One more than an exact match of the whole name, so that `tls` stays `tls`.
  if (last === wanted) return 1;
  const [short, long] = wanted.length < last.length ? [wanted, last] : [last, wanted];
  const isPart = short.length >= 4 && (long.startsWith(short) || long.endsWith(short));
  return isPart ? 2 : Infinity;
}

function bare(name: string): string {
  // Names are short; a megabyte given as a key must not cost a matrix of a megabyte.
  return name
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
