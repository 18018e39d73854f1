// Runs the tests of chart and manifests against the real Kubernetes API server,
// helm and kubectl; arguments go to vitest.
//
//   npm run test:kubernetes
//   npm run test:kubernetes -- install        files whose path has the word
//
// Where Go is missing it fails, unless CROSSTALK_INTEROP=optional says that it may.
import { runTests } from '../gobuild.mjs';

runTests('the real Kubernetes', 'test/kubernetes/vitest.config.ts');
