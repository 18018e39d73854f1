import { describe, expect, test } from 'vitest';
import { connectionOf } from '../../src/policy/connection.js';
import { createEvaluator } from '../../src/policy/evaluate.js';
import { arrival, endpoint, icmp, tcp } from '../fixtures/flows.js';
import { ccnp, cnp, read } from './written.js';

test('a flow of TCP: both sides’ labels and addresses, and the port that was asked for', () => {
  const source = endpoint({ labels: ['k8s:a=b'] });
  const destination = endpoint({ labels: ['k8s:c=d'] });
  const flow = arrival({
    source,
    destination,
    sourceIp: '10.0.0.1',
    destinationIp: '10.0.0.2',
    l4: tcp(2, 40_000, 8443),
  });
  expect(connectionOf(flow)).toEqual({
    source: { labels: ['k8s:a=b'], ip: '10.0.0.1' },
    destination: { labels: ['k8s:c=d'], ip: '10.0.0.2' },
    protocol: 'tcp',
    port: 8443,
    icmpVersion: 0,
  });
});

test('of ICMP it is the type, not the code', () => {
  expect(connectionOf(arrival({ l4: icmp(128, 1, 6) }))).toMatchObject({
    protocol: 'icmp',
    port: 128,
    icmpVersion: 6,
  });
});

test('labels are handed on as they are, so that a side is judged once', () => {
  const source = endpoint({ labels: ['k8s:a=b'] });
  expect(connectionOf(arrival({ source })).source.labels).toBe(source.labels);
});

describe('an identity without labels', () => {
  const decide = (identity: number, policy: ReturnType<typeof cnp>): string => {
    const flow = arrival({
      source: endpoint({ labels: ['k8s:io.kubernetes.pod.namespace=team-a'] }),
      destination: endpoint({ identity }),
      destinationIp: '192.0.2.7',
    });
    return createEvaluator(read([policy]))(connectionOf(flow)).egress.answer;
  };
  const to = (entity: string): ReturnType<typeof cnp> =>
    cnp({ endpointSelector: {}, egress: [{ toEntities: [entity] }] });

  test.each([
    ['host', 1],
    ['world', 2],
    ['health', 4],
    ['remote-node', 6],
    ['ingress', 8],
  ])('is %s by its number %i', (entity, identity) => {
    expect(decide(identity, to(entity))).toBe('allowed');
    expect(decide(identity, to('none'))).toBe('denied');
  });
  test('is not told by a number that is not reserved, nor by that of an API server that may be anywhere', () => {
    expect(decide(40_000, to('host'))).toBe('unknown');
    expect(decide(7, to('world'))).toBe('unknown');
    expect(decide(16_777_300, ccnp({ endpointSelector: {}, egress: [{ toEntities: ['world'] }] }))).toBe(
      'unknown',
    );
  });
});
