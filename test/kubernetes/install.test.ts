/** The chart as its users meet it: `helm install` into a cluster, with as little as can be said. */
import { expect, test } from 'vitest';
import { apply, everythingIn, newNamespace, read } from './cluster.js';
import { install, manifest, uninstall, upgrade } from './helm.js';
import { type KubernetesObject, names } from './objects.js';
import { enforcing, isWorkload, podOf } from './pods.js';

/** Helm's own record of a release is one of the objects in its namespace. */
const isRecord = ({ kind, metadata }: KubernetesObject): boolean =>
  kind === 'Secret' && metadata.name.startsWith('sh.helm.release.v1.');

async function installed(namespace: string): Promise<string[]> {
  return names((await everythingIn(namespace)).filter((object) => !isRecord(object)));
}

test('without a value: every object is accepted where pod security is enforced, and nothing is warned of', async () => {
  const namespace = await newNamespace(enforcing('restricted'));
  const { stderr } = await install({ namespace });
  expect(stderr).toBe('');
  const promised = names(await manifest(namespace));
  expect(promised).toContain('Deployment/crosstalk');
  expect(await installed(namespace)).toEqual(promised);
});

test('one analyzer becomes one on each node and one again, and is uninstalled without a trace', async () => {
  const namespace = await newNamespace();
  await install({ namespace });
  const before = await installed(namespace);

  expect((await upgrade({ namespace, set: ['mode=daemonset'] })).stderr).toBe('');
  const onEachNode = await installed(namespace);
  expect(onEachNode).toContain('DaemonSet/crosstalk');
  expect(onEachNode.filter((name) => name.startsWith('Deployment/'))).toEqual([]);

  expect((await upgrade({ namespace, set: ['mode=deployment'] })).stderr).toBe('');
  expect(await installed(namespace)).toEqual(before);

  await uninstall(namespace);
  expect(await everythingIn(namespace)).toEqual([]);
});

test('two releases live in one namespace', async () => {
  const namespace = await newNamespace();
  await install({ namespace, release: 'blue' });
  await install({ namespace, release: 'green' });
  const [blue, green] = [await manifest(namespace, 'blue'), await manifest(namespace, 'green')];
  expect(await installed(namespace)).toEqual(names([...blue, ...green]));
  await uninstall(namespace, 'blue');
  expect(await installed(namespace)).toEqual(names(green));
});

test('its pod is admitted where pod security is enforced; one that is privileged is not', async () => {
  const namespace = await newNamespace(enforcing('restricted'));
  await install({ namespace });
  const pod = podOf((await manifest(namespace)).find(isWorkload)!);
  expect((await apply(pod, { namespace })).warnings).toEqual([]);
  expect(await read(pod, namespace)).toBeDefined();

  const privileged = {
    ...pod,
    metadata: { ...pod.metadata, name: 'privileged' },
    spec: {
      ...pod.spec,
      containers: pod.spec.containers.map((container) => ({
        ...container,
        securityContext: { privileged: true },
      })),
    },
  };
  await expect(apply(privileged, { namespace })).rejects.toThrow(/violates PodSecurity "restricted:latest"/);
});

test('its pod is given no token for the API', async () => {
  const namespace = await newNamespace();
  await install({ namespace });
  const { object } = await apply(podOf((await manifest(namespace)).find(isWorkload)!), { namespace });
  // The ServiceAccount admission plugin would have added it.
  expect(JSON.stringify(object['spec'])).not.toMatch(/serviceaccount\/|serviceAccountToken/);
});
