import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostName } from '../../src/tenancy/naming.js';
import { explains, virtualPod } from '../../src/tenancy/virtual.js';
import { VECTORS } from './vectors.js';

const NOTHING = { namespace: undefined, pod: undefined };

describe('with the label of the virtual namespace, the virtual pod is told exactly or not at all', () => {
  test.each(VECTORS)('vector $id', ({ host, pod, namespace, vcluster, labelled }) => {
    expect(virtualPod(host, namespace, vcluster)).toEqual({ namespace, pod: labelled ? pod : undefined });
  });

  test('a hashed name is not believed when the hash is that of another name', () => {
    const host = 'checkout-service-deployment-5d9c7b6f8-abcde-x-checko-592c7abc71'; // last digit changed
    expect(virtualPod(host, 'checkout', 'tenant-green').pod).toBeUndefined();
  });

  test('a hashed name of a pod of exactly 52 characters, of which no separator is left, is recovered', () => {
    const pod = 'c'.repeat(52);
    expect(virtualPod(hostName(pod, 'shop', 'team-a'), 'shop', 'team-a').pod).toBe(pod);
  });

  test("a name that does not follow the convention stays unknown, as a control plane's does", () => {
    expect(virtualPod('team-a-0', 'default', 'team-a')).toEqual({ namespace: 'default', pod: undefined });
    expect(virtualPod('-x-default-x-team-a', 'default', 'team-a').pod).toBeUndefined();
    expect(virtualPod('web-0-x-default-x-team-b', 'default', 'team-a').pod).toBeUndefined();
  });

  test('a label that is no namespace is not repeated', () => {
    expect(virtualPod('web-0-x-default-x-team-a', 'de/fault', 'team-a').namespace).toBe('default');
  });
});

describe('without the label, only where there is exactly one way to read the name', () => {
  test.each(VECTORS)('vector $id', ({ host, pod, namespace, vcluster, alone }) => {
    expect(virtualPod(host, undefined, vcluster)).toEqual(alone ? { namespace, pod } : NOTHING);
  });

  test('a dot decides: a namespace holds none', () => {
    expect(virtualPod('a-x-b.c-x-d-x-team-a', undefined, 'team-a')).toEqual({
      pod: 'a-x-b.c',
      namespace: 'd',
    });
  });

  test('the name of another vCluster tells nothing', () => {
    expect(virtualPod('web-0-x-default-x-team-a', undefined, 'team-b')).toEqual(NOTHING);
    expect(virtualPod('web-0-x-default-x-steam-a', undefined, 'team-a')).toEqual(NOTHING);
  });
});

test('a vCluster explains exactly the names that it could have made', () => {
  for (const { host, vcluster, alone, id } of VECTORS) {
    const ambiguous = ['10', '11', '12b', '12c', '17'].includes(id);
    expect(explains(host, vcluster), id).toBe(alone || ambiguous);
    expect(explains(host, `${vcluster}0`), id).toBe(false);
  }
});

test('there and back: with its label any virtual pod of up to 52 characters is recovered, hashed or not', () => {
  const token = fc.constantFrom('x', 'web', 'a', '0', 'x-x', 'prod', 'team', 'aaaaaaaaaaaaaaaa', 'b.c');
  const name = (longest: number): fc.Arbitrary<string> =>
    fc.array(token, { minLength: 1, maxLength: 9 }).map((tokens) =>
      tokens
        .join('-')
        .slice(0, longest)
        .replace(/[-.]+$/, 'z'),
    );
  const label = name(40).map((text) => text.replaceAll('.', '-'));
  fc.assert(
    fc.property(name(52), label, label, (pod, namespace, vcluster) => {
      const host = hostName(pod, namespace, vcluster);
      // A dot at the very cut is lost from the name for good.
      fc.pre(
        !(host.length < 63 && host.includes('.') && pod.length + namespace.length + vcluster.length > 57),
      );
      expect(virtualPod(host, namespace, vcluster)).toEqual({ namespace, pod });
    }),
    { seed: 20_260_801, numRuns: 3000 },
  );
});
