// Compiles src/tables/nh.wat to src/tables/nh.bytes.ts. A test holds both together.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import wabt from 'wabt';

const source = new URL('../src/tables/nh.wat', import.meta.url);
const target = new URL('../src/tables/nh.bytes.ts', import.meta.url);

const toolkit = await wabt();
const { buffer } = toolkit.parseWat('nh.wat', readFileSync(source, 'utf8'), { simd: true }).toBinary({});
const text = `/** What nh.wat says, compiled by \`npm run wasm\`: ${buffer.length} bytes, in base64. */
export const NH = '${Buffer.from(buffer).toString('base64')}';
`;
const path = fileURLToPath(target);
writeFileSync(target, await format(text, { ...(await resolveConfig(path)), filepath: path }));
