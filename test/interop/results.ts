/** What the tests found, kept for docs/compatibility.md. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { blockOf, DOCUMENT, RESULTS } from './compatibility.mjs';

/** One situation through one version. */
export interface SituationResult {
  readonly title: string;
  /** Lines of `hubble observe` by type and verdict. */
  readonly shown: Readonly<Record<string, number>>;
  /** Samples that Crosstalk counted. */
  readonly counted: Readonly<Record<string, number>>;
}

/** One feature: whether each version has it. */
export interface FeatureResult {
  readonly feature: string;
  readonly since: string;
  readonly without: string;
  readonly has: Readonly<Record<string, boolean>>;
}

/** Writes one part of the results; answers what the document has in that part's block. */
export function keep(part: 'situations' | 'features', results: unknown): string {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${part}.json`, RESULTS), `${JSON.stringify(results, undefined, 2)}\n`);
  return blockOf(readFileSync(DOCUMENT, 'utf8'), part);
}
