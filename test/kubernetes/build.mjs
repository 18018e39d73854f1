// Builds the real helm, kubectl, kube-apiserver and etcd into .cache/kubernetes/
// from the Go module proxy, and says where the custom resource definitions of
// others lie in the module cache. What is built already is kept.
//
//   node test/kubernetes/build.mjs
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtOnce, go, goVersion } from '../gobuild.mjs';

const SOURCE = fileURLToPath(new URL('go', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.cache/kubernetes', import.meta.url));
const WHAT = 'the real Kubernetes';

/** Exact versions of what is built, as go.mod asks for them. */
export const versions = {
  kubernetes: versionOf('k8s.io/kubernetes', 'go.mod'),
  helm: versionOf('helm.sh/helm/v4', 'go.mod'),
  etcd: versionOf('go.etcd.io/etcd/server/v3', 'go.mod'),
};

/** Where others publish the definitions of the objects that the chart may make. */
const CRDS = [
  ['github.com/cilium/cilium', 'pkg/k8s/apis/cilium.io/client/crds/v2'],
  ['github.com/prometheus-operator/prometheus-operator', 'example/prometheus-operator-crd'],
  ['github.com/cert-manager/cert-manager', 'deploy/crds'],
];

function versionOf(module, file) {
  const escaped = module.replaceAll('.', '\\.');
  const [, version] =
    new RegExp(`^(?:require )?\\s*${escaped} (v[\\d.]+)`, 'm').exec(
      readFileSync(join(SOURCE, file), 'utf8'),
    ) ?? [];
  if (version === undefined) throw new Error(`${file} does not require ${module}`);
  return version;
}

/**
 * Builds all programs unless they are built already.
 *
 * @returns paths of the programs
 * @throws Error when Go is missing or the build fails
 */
export function build() {
  const directory = join(CACHE, versions.kubernetes);
  builtOnce(directory, fingerprint(goVersion(WHAT)), (fresh) =>
    go(`Kubernetes ${versions.kubernetes}, helm ${versions.helm}`, SOURCE, buildArguments(fresh)),
  );
  return {
    helm: join(directory, 'helm'),
    kubectl: join(directory, 'kubectl'),
    apiserver: join(directory, 'kube-apiserver'),
    etcd: join(directory, 'etcd'),
  };
}

function buildArguments(directory) {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(versions.kubernetes);
  // As Kubernetes' and Helm's Makefiles set them: helm compares the server's version with the chart's kubeVersion.
  const told = {
    'k8s.io/component-base/version.gitVersion': versions.kubernetes,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'helm.sh/helm/v4/internal/version.version': versions.helm,
  };
  const set = Object.entries(told).map(([name, value]) => `-X ${name}=${value}`);
  return [
    'build',
    `-ldflags=-s -w ${set.join(' ')}`,
    `-o=${directory}/`,
    'helm.sh/helm/v4/cmd/helm',
    'k8s.io/kubernetes/cmd/kubectl',
    './etcd',
    './kube-apiserver',
  ];
}

function fingerprint(compiler) {
  const hash = createHash('sha256').update(compiler);
  for (const file of ['go.mod', 'go.sum', 'etcd/main.go', 'kube-apiserver/main.go'])
    hash.update(file).update(readFileSync(join(SOURCE, file)));
  return hash.update(buildArguments('').join(' ')).digest('hex');
}

/** @returns {{ module: string, version: string, directory: string }[]} where CRDs lie as YAML */
export function crdDirectories() {
  goVersion(WHAT);
  return CRDS.map(([module, folder]) => {
    const { stdout, stderr } = spawnSync('go', ['mod', 'download', '-modfile=crds.mod', '-json', module], {
      cwd: SOURCE,
      encoding: 'utf8',
      env: { ...process.env, GOWORK: 'off' },
    });
    const { Dir: root, Error: error } = JSON.parse(stdout || '{}');
    if (root === undefined) throw new Error(`go mod download ${module}: ${error ?? stderr}`);
    return { module, version: versionOf(module, 'crds.mod'), directory: join(root, folder) };
  });
}

/** vCluster's module has its chart in it. Newest first; one module file holds one version, so the sums stand here. */
const VCLUSTERS = {
  'v0.36.1': 'h1:D9ReyGQVGa566GEsMm3hKIpXDSI49KXEsVH8fCkXr9o=',
  'v0.35.2': 'h1:LUON8JrpzNErrTu3ZhZwVfpSoeizmtAM9J88vwBjipc=',
  'v0.34.0': 'h1:LSqWssnvvm7zDl8kr28aQaiTnRziHg3WdS8bmbuVxHI=',
  'v0.33.1': 'h1:EI7fBxdeGutu9QZSkzqaUIJ7LEWZalLlwGXWBMJCGtk=',
};

/** @returns {{ version: string, directory: string }[]} where vCluster's chart lies, for each version */
export function vclusterCharts() {
  goVersion(WHAT);
  return Object.entries(VCLUSTERS).map(([version, sum]) => {
    const module = `github.com/loft-sh/vcluster@${version}`;
    const { stdout, stderr } = spawnSync('go', ['mod', 'download', '-json', module], {
      // Outside of any module.
      cwd: tmpdir(),
      encoding: 'utf8',
      env: { ...process.env, GOWORK: 'off' },
    });
    const { Dir: root, Sum: downloaded, Error: error } = JSON.parse(stdout || '{}');
    if (root === undefined) throw new Error(`go mod download ${module}: ${error ?? stderr}`);
    if (downloaded !== sum) throw new Error(`${module}: got ${downloaded}, expected ${sum}`);
    return { version, directory: join(root, 'chart') };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    for (const path of Object.values(build())) console.log(path);
    for (const { directory } of [...crdDirectories(), ...vclusterCharts()]) console.log(directory);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
