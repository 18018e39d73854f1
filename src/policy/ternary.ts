/** Yes, no, or not to be told from what was observed. Nothing that is `maybe` is ever rounded. */
export type Ternary = 'yes' | 'no' | 'maybe';

export function all(answers: Iterable<Ternary>): Ternary {
  let result: Ternary = 'yes';
  for (const answer of answers) {
    if (answer === 'no') return 'no';
    if (answer === 'maybe') result = 'maybe';
  }
  return result;
}

export function any(answers: Iterable<Ternary>): Ternary {
  let result: Ternary = 'no';
  for (const answer of answers) {
    if (answer === 'yes') return 'yes';
    if (answer === 'maybe') result = 'maybe';
  }
  return result;
}

export function when(condition: boolean): Ternary {
  return condition ? 'yes' : 'no';
}
