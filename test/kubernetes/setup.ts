/** Before the first test: the programs built or found in the cache, and one API server for all tests. */
import type { TestProject } from 'vitest/node';
import { build, crdDirectories, vclusterCharts, versions } from './build.mjs';
import { type Access, apiClient } from './api.js';
import { startControlPlane } from './controlplane.js';
import { applyCrds, readCrds } from './crds.js';

declare module 'vitest' {
  export interface ProvidedContext {
    kubernetes: Kubernetes;
  }
}

/** What the tests run against. */
export interface Kubernetes {
  /** Of the API server, such as v1.37.2. */
  readonly version: string;
  /** Paths of what was built. */
  readonly programs: { readonly helm: string; readonly kubectl: string };
  /** Lets helm and kubectl in, as cluster administrator. */
  readonly kubeconfig: string;
  readonly access: Access;
  /** vCluster's own chart, by version. */
  readonly vclusterCharts: readonly { readonly version: string; readonly directory: string }[];
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const programs = build();
  const controlPlane = await startControlPlane(programs);
  try {
    await applyCrds(apiClient(controlPlane.access), readCrds(crdDirectories()));
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
  project.provide('kubernetes', {
    version: versions.kubernetes,
    programs: { helm: programs.helm, kubectl: programs.kubectl },
    kubeconfig: controlPlane.kubeconfig,
    access: controlPlane.access,
    vclusterCharts: vclusterCharts(),
  });
  return controlPlane.stop;
}
