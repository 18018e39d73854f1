import { expect, test } from 'vitest';
import { hubbleObserveLine } from '../../src/expose/hubble-line.js';
import { arrival, denial, hostPod, icmp, syncedPod } from '../fixtures/flows.js';

test('a crossing, as a person would look it up', () => {
  expect(hubbleObserveLine(arrival(), 'allowed')).toBe(
    'hubble observe --from-pod team-b/curl-x-default-x-team-b --to-pod team-a/nginx-x-default-x-team-a' +
      ' --protocol tcp --to-port 80 --type trace:to-endpoint --last 20',
  );
});

test('a denied one is among the drops', () => {
  expect(hubbleObserveLine(denial(), 'denied')).toContain('--type drop');
});

test('ICMP has no port', () => {
  expect(hubbleObserveLine(arrival({ l4: icmp() }), 'allowed')).toContain('--protocol icmp --type');
});

test('a pod without a name is found by its address', () => {
  const source = { ...syncedPod('team-b'), podName: '' };
  expect(hubbleObserveLine(arrival({ source }), 'allowed')).toContain('--from-ip 10.0.1.10 --to-pod');
});

test.each(['x; rm -rf /', '$(id)', '`id`', "a'b", 'a\nb', 'a b', '--server=evil', '-x'])(
  'a hostile name never reaches the shell: %j',
  (podName) => {
    const flow = arrival({ source: hostPod('team-b', podName), sourceIp: podName });
    expect(hubbleObserveLine(flow, 'allowed')).toBe(
      'hubble observe --to-pod team-a/nginx-x-default-x-team-a --protocol tcp --to-port 80 --type trace:to-endpoint --last 20',
    );
  },
);
