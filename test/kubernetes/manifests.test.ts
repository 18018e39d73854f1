/** What is for who has no Helm says what the chart says (npm run manifests). */
import { readFileSync } from 'node:fs';
import { inject, test, expect } from 'vitest';
import { manifests } from '../../scripts/manifests.mjs';

test('every generated file of deploy/kustomize is what the chart renders', () => {
  const files = manifests(inject('kubernetes').programs.helm);
  expect(Object.keys(files).length).toBeGreaterThan(5);
  for (const [file, text] of Object.entries(files)) {
    expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file).toBe(text);
  }
});
