import { describe, expect, test } from 'vitest';
import { createDecoder } from '../../src/hubble/decode.js';
import { createEndpointPool } from '../../src/hubble/endpoints.js';
import type { Endpoint } from '../../src/model.js';
import { field } from './fields.js';
import { pod, type Message } from './messages.js';
import { encode } from './oracle.js';

function reader(bound: number): (source: Message) => Endpoint {
  const decode = createDecoder({ endpoints: bound });
  return (source) => {
    const event = decode(encode({ flow: { source } }));
    if (event.kind !== 'flow') throw new Error(`not a flow: ${event.kind}`);
    return event.flow.source;
  };
}

describe('an endpoint', () => {
  test('is one object as long as its bytes are the same, on either side of a flow', () => {
    const decode = createDecoder({ endpoints: 10 });
    const web = pod('team-a', 'web-0');
    const first = decode(encode({ flow: { source: web } }));
    const second = decode(encode({ flow: { destination: web, source: pod('team-b', 'curl') } }));
    if (first.kind !== 'flow' || second.kind !== 'flow') throw new Error('not flows');
    expect(second.flow.destination).toBe(first.flow.source);
    expect(second.flow.source).not.toBe(first.flow.source);
  });

  test('that differs from another in one byte anywhere is another one', () => {
    const read = reader(4096);
    const letters = 'kubernetes'.repeat(20);
    const known = new Set<Endpoint>();
    for (let i = 0; i < letters.length; i++) {
      const text = `${letters.slice(0, i)}_${letters.slice(i + 1)}`;
      const endpoint = read({ labels: [text], pod_name: 'the-same-pod' });
      expect(endpoint.labels).toEqual([text]);
      known.add(endpoint);
    }
    expect(known.size).toBe(letters.length);
  });

  test('that differs from another in the middle only is told from it, both ways, every time', () => {
    const labels = (tenant: string) => [
      'k8s:aaaaaaaaaaaaaaaaaaaa',
      `k8s:vcluster.loft.sh/managed-by=${tenant}`,
      'z'.repeat(100),
    ];
    const read = reader(100);
    const tenants = ['team-a', 'team-b', 'team-c', 'team-d'];
    const once = tenants.map((tenant) => read({ identity: 5, labels: labels(tenant), pod_name: 'p' }));
    for (const tenant of [...tenants, ...tenants.toReversed(), ...tenants]) {
      const again = read({ identity: 5, labels: labels(tenant), pod_name: 'p' });
      expect(again.labels[1]).toBe(`k8s:vcluster.loft.sh/managed-by=${tenant}`);
      expect(again).toBe(once[tenants.indexOf(tenant)]);
    }
  });

  test('forgotten for want of room is read again, the same in all it says', () => {
    const read = reader(3);
    const pods = Array.from({ length: 50 }, (_, i) => pod('team-a', `web-${i}`));
    const first = pods.map(read);
    const again = pods.map(read);
    expect(again).toEqual(first);
    expect(again.filter((endpoint, i) => endpoint !== first[i]).length).toBeGreaterThan(40);
    expect(read(pods[49]!)).toBe(again[49]);
  });

  test('of a single place is still kept from one flow to the next', () => {
    const read = reader(1);
    expect(read(pod('team-a', 'web'))).toBe(read(pod('team-a', 'web')));
  });

  test('hung with more labels than are worth keeping is read all the same', () => {
    const read = reader(10);
    const labels = Array.from({ length: 2000 }, (_, i) => `k8s:label-${i}=value`);
    const endpoint = read({ labels });
    expect(endpoint.labels).toEqual(labels);
    expect(read({ labels })).toEqual(endpoint);
    expect(read({ labels })).not.toBe(endpoint);
  });

  test('with a broken workload makes the flow unreadable, however often it comes', () => {
    const decode = createDecoder({ endpoints: 10 });
    const bytes = Buffer.from('0a06' + '4204' + '3202' + '0aff', 'hex');
    for (let i = 0; i < 3; i++) expect(decode(bytes).kind).toBe('unreadable');
  });

  test('without any field is the one that stands for nobody', () => {
    const read = reader(10);
    expect(read({})).toEqual({ id: 0, identity: 0, namespace: '', podName: '', labels: [], clusterName: '' });
    expect(read({})).toBe(read({}));
  });
});

describe('texts that come again', () => {
  test('are never mistaken for each other where only a byte that no hash looks at differs', () => {
    const read = reader(1000);
    for (let round = 0; round < 3; round++) {
      for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
        const label = `k8s:app=${letter}${'m'.repeat(40)}end`;
        expect(read({ labels: [label], identity: round }).labels).toEqual([label]);
      }
    }
  });
  test('that end inside a character are not those that have it whole', () => {
    const decode = createDecoder({ endpoints: 1 });
    const nodeName = (...parts: (string | number[])[]) => {
      const event = decode(field(1, field(11, ...parts.map((part) => Buffer.from(part as string)))));
      return event.kind === 'flow' ? event.flow.nodeName : event.kind;
    };
    for (let i = 0; i < 2_000; i++) {
      const name = `harbour/knoten-${i}`;
      if (nodeName(name, [0xc3, 0xa9]) !== `${name}é` || nodeName(name, [0xc3]) !== `${name}\uFFFD`) {
        expect.fail(`${name} with and without its last byte`);
      }
    }
  });
  test('are read as UTF-8, whatever was there before', () => {
    const read = reader(1000);
    const texts = ['Knoten-7', 'Knötn-7', 'Kn\u00f6\u00f6-7', 'Kn\u{1F600}-7', 'abcd', 'äbc', 'äöüß'];
    for (let round = 0; round < 10; round++) {
      for (const namespace of texts) expect(read({ namespace, identity: round }).namespace).toBe(namespace);
    }
  });
});

test('a pool gives one object for equal endpoints, and tells apart those that are not', () => {
  const pool = createEndpointPool(100);
  const endpoint = (podName: string, labels: string[]): Endpoint => ({
    id: 0,
    identity: 1,
    namespace: 'n',
    podName,
    labels,
    clusterName: '',
  });
  const one = pool(endpoint('web', ['a', 'b']));
  expect(pool(endpoint('web', ['a', 'b']))).toBe(one);
  expect(pool(endpoint('web', ['a,b']))).not.toBe(one);
  expect(pool(endpoint('web","b', ['a']))).not.toBe(one);
});
