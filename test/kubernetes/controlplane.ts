/**
 * The real kube-apiserver on the real etcd, on loopback: what accepts or refuses
 * objects in every cluster, with the admission plugins that are on by default
 * (PodSecurity and ServiceAccount among them). No controller and no kubelet runs:
 * objects are stored, and nothing acts on them.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '../interop/cluster.mjs';
import { type Access, apiClient } from './api.js';
import { type Program, startProgram } from './program.js';

export interface ControlPlane {
  readonly access: Access;
  readonly kubeconfig: string;
  readonly stop: () => Promise<void>;
}

/** As long as it may take either to start. A slow machine is not a failing one. */
const SECONDS = 300;

interface Programs {
  readonly etcd: string;
  readonly apiserver: string;
}

export async function startControlPlane(programs: Programs): Promise<ControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'kubernetes-'));
  const running: Program[] = [];
  const stop = async (): Promise<void> => {
    for (const program of running.toReversed()) await program.end();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const etcd = await startEtcd(programs.etcd, directory, running);
    const access = await startApiServer(programs.apiserver, directory, etcd, running);
    return { access, kubeconfig: writeKubeconfig(directory, access), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startEtcd(program: string, directory: string, running: Program[]): Promise<string> {
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  const etcd = startProgram(program, directory, {
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': client!,
    'advertise-client-urls': client!,
    'listen-peer-urls': peer!,
    'initial-advertise-peer-urls': peer!,
    'initial-cluster': `default=${peer!}`,
    'log-level': 'error',
    'unsafe-no-fsync': 'true',
  });
  running.push(etcd);
  await until(
    'etcd answering',
    async () => {
      etcd.mustRun();
      return await fetch(`${client!}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    },
    SECONDS,
  );
  return client!;
}

async function startApiServer(
  program: string,
  directory: string,
  etcd: string,
  running: Program[],
): Promise<Access> {
  const port = await freePort();
  const token = randomUUID();
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = file('service-account.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const apiserver = startProgram(program, directory, {
    'etcd-servers': etcd,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': String(port),
    // It makes a certificate for itself there.
    'cert-dir': directory,
    'token-auth-file': file('tokens.csv', `${token},admin,admin,system:masters\n`),
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': key,
    'service-account-signing-key-file': key,
    'service-cluster-ip-range': '10.96.0.0/16',
    'endpoint-reconciler-type': 'none',
    // As kubeadm starts it: without, privileged pods are refused before PodSecurity is asked.
    'allow-privileged': 'true',
  });
  running.push(apiserver);
  const certificate = join(directory, 'apiserver.crt');
  await until('the API server making its certificate', () => {
    apiserver.mustRun();
    return existsSync(certificate) && readFileSync(certificate, 'utf8').includes('END CERTIFICATE');
  });
  const access = { url: `https://127.0.0.1:${port}`, token, ca: readFileSync(certificate, 'utf8') };
  const client = apiClient(access);
  await until(
    'the API server being ready',
    async () => {
      apiserver.mustRun();
      return await client.request('GET', '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      );
    },
    SECONDS,
  );
  return access;
}

function writeKubeconfig(directory: string, { url, token, ca }: Access): string {
  const path = join(directory, 'kubeconfig');
  const cluster = {
    server: url,
    'certificate-authority-data': Buffer.from(ca).toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
