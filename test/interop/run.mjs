// Runs the tests against the real Hubble; arguments go to vitest.
//
//   npm run test:interop
//   npm run test:interop -- situations        files whose path has the word
//
// Where Go is missing it fails, unless CROSSTALK_INTEROP=optional says that it may.
import { runTests } from '../gobuild.mjs';

runTests('the real Hubble', 'test/interop/vitest.config.ts');
