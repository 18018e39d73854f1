/**
 * What the chart renders, compared with files that were read by a person: `npm run test:kubernetes -- golden -u` writes
 * them anew, and the difference is for review.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { templateText } from './helm.js';

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url));
const VALUES = '.values.yaml';
const names = readdirSync(GOLDEN).flatMap((file) =>
  file.endsWith(VALUES) ? [file.slice(0, -VALUES.length)] : [],
);

test.each(names)('%s', async (name) => {
  const file = `${GOLDEN}${name}.yaml`;
  const text = await templateText({
    values: parse(readFileSync(`${GOLDEN}${name}${VALUES}`, 'utf8')),
    namespace: 'crosstalk',
    apiVersions: name === 'default' ? [] : ['monitoring.coreos.com/v1', 'cilium.io/v2'],
    // Which versions a chart was rendered for must not change what is compared.
    kubeVersion: '1.34.0',
  });
  await expect(text).toMatchFileSnapshot(file);
});
