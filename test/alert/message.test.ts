import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { alertOf } from '../../src/alert/message.js';
import type { Violation } from '../../src/alert/violations.js';
import type { Verdict } from '../../src/model.js';
import { arrival, endpoint, icmp, T0 } from '../fixtures/flows.js';
import { crossed, violationsWith } from './crossed.js';

function violation(fields: Parameters<typeof crossed>[0] = {}, verdict: Verdict = 'allowed'): Violation {
  const violations = violationsWith();
  violations.add(crossed(fields, { verdict }), T0);
  return violations.active(T0)[0]!;
}
const policy = { kind: 'CiliumNetworkPolicy', namespace: 'team-a', name: 'allow-all' };

test('an alert says all that the person woken needs', () => {
  expect(alertOf(violation({ policies: [policy] }), 'https://crosstalk.example.com')).toEqual({
    labels: {
      alertname: 'CrossTenantTrafficAllowed',
      severity: 'critical',
      source: 'crosstalk',
      cluster: 'default',
      source_tenant: 'team-b',
      destination_tenant: 'team-a',
    },
    annotations: {
      summary: 'Traffic crossed from one tenant to another and was allowed',
      description:
        'team-b reached team-a: 1 connection since 2026-01-15T12:00:00.000Z. ' +
        'A recent one: pod default/curl (in the host cluster team-b/curl-x-default-x-team-b) ' +
        'to pod default/nginx (in the host cluster team-a/nginx-x-default-x-team-a) on 80/tcp. ' +
        'Allowed by CiliumNetworkPolicy/team-a/allow-all.',
      first_seen: '2026-01-15T12:00:00.000Z',
      last_seen: '2026-01-15T12:00:00.000Z',
      connections: '1',
      hubble:
        'hubble observe --from-pod team-b/curl-x-default-x-team-b --to-pod team-a/nginx-x-default-x-team-a ' +
        '--protocol tcp --to-port 80 --type trace:to-endpoint --last 20',
      runbook_url:
        'https://github.com/hubble-crosstalk/crosstalk/blob/main/deploy/runbooks/CrossTenantTrafficAllowed.md',
      link: 'https://crosstalk.example.com/?view=crossings&source=team-b&destination=team-a&verdict=allowed',
    },
    startsAt: '2026-01-15T12:00:00.000Z',
    endsAt: '2026-01-15T12:15:00.000Z',
    generatorURL:
      'https://crosstalk.example.com/?view=crossings&source=team-b&destination=team-a&verdict=allowed',
  });
});

describe('by verdict', () => {
  test.each([
    ['allowed', 'CrossTenantTrafficAllowed', 'critical', 'team-b reached team-a:'],
    [
      'audited',
      'CrossTenantTrafficAudited',
      'warning',
      'reached, past a policy that is only audited, team-a',
    ],
    ['denied', 'CrossTenantTrafficDenied', 'info', 'team-b was kept from reaching team-a:'],
  ] as const)('%s is %s', (verdict, alertname, severity, words) => {
    const { labels, annotations } = alertOf(violation({}, verdict), undefined);
    expect(labels).toMatchObject({ alertname, severity });
    expect(annotations['description']).toContain(words);
    expect(annotations['runbook_url']).toContain(`/${alertname}.md`);
  });
});

describe('the description says', () => {
  const described = (fields: Parameters<typeof crossed>[0], verdict?: Verdict) =>
    alertOf(violation(fields, verdict), undefined).annotations['description'];

  test('when no policy was named, what that mostly means', () => {
    expect(described({})).toContain('Hubble named no policy that allowed it: where none selects');
    expect(described({}, 'denied')).toContain('Hubble named no policy that denied it');
  });
  test('which policies, and how many more', () => {
    const policies = [1, 2, 3, 4, 5, 6, 7].map((index) => ({ ...policy, name: `p${index}` }));
    expect(described({ policies }, 'denied')).toMatch(/Denied by .*team-a\/p5 and 2 more\.$/);
  });
  test('the protocol alone where there is no port', () => {
    expect(described({ flow: arrival({ l4: icmp() }) })).toContain(' on icmp.');
  });
  test('the address where Hubble knows no pod, and the host name where the tenant’s is not certain', () => {
    const destination = endpoint({ namespace: 'team-a', podName: 'nginx-x-or-x-default-x-team-a' });
    expect(described({ flow: arrival({ source: endpoint(), destination }) })).toContain(
      'pod 10.0.1.10 to pod team-a/nginx-x-or-x-default-x-team-a on',
    );
  });
});

test('without an external URL there are no links', () => {
  const { annotations, generatorURL } = alertOf(violation(), undefined);
  expect(generatorURL).toBeUndefined();
  expect(annotations).not.toHaveProperty('link');
});

test('the link leads to the pair, whatever the tenants are called', () => {
  const odd = { ...violation(), source: 'host/team&b=1' };
  expect(alertOf(odd, 'https://x/crosstalk').generatorURL).toBe(
    'https://x/crosstalk/?view=crossings&source=host%2Fteam%26b%3D1&destination=team-a&verdict=allowed',
  );
});

describe('text from outside', () => {
  const hostile = (podName: string) =>
    alertOf(
      violation({
        flow: arrival({ source: endpoint({ namespace: podName, podName }) }),
        policies: [{ kind: podName, namespace: podName, name: podName }],
      }),
      undefined,
    );

  test.each([
    '<!channel>',
    '<https://evil.example|click>',
    'https://evil.example',
    '[click](https://evil.example)',
    '@everyone',
    '`rm`',
    '*bold* ~gone~ &amp;',
    'a\nb\u001b[31m\u202e',
  ])('%j is no markup, no link and no escape in a chat', (text) => {
    const { description = '', hubble = '' } = hostile(text).annotations;
    expect(description).not.toMatch(/[<>&@`*~[\]|(]https?:|[<>&@`*~[\]|]|:\/\/|\p{Cc}|\u202e/u);
    expect(hubble).not.toMatch(/[<>&@`*~[\]|]|\p{Cc}/u);
  });

  test('never makes an alert larger than a chat program takes, nor its labels', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000 }), (text) => {
        const { labels, annotations } = hostile(text);
        expect(labels).toEqual(alertOf(violation(), undefined).labels);
        for (const value of Object.values(annotations)) {
          expect(value.length).toBeLessThanOrEqual(1_200);
          expect(value).not.toMatch(/\p{Cc}/u);
          expect(value).not.toBe('');
        }
      }),
    );
  });
});
