import { describe, expect, test } from 'vitest';
import { hostName, isShaped, lastPart, looksHashed, safeConcatName } from '../../src/tenancy/naming.js';
import { VECTORS } from './vectors.js';

describe("host names are vCluster's own, to the last hash digit", () => {
  test.each(VECTORS)('vector $id: $pod in $namespace of $vcluster', ({ pod, namespace, vcluster, host }) => {
    expect(hostName(pod, namespace, vcluster)).toBe(host);
  });

  test('63 bytes stay whole, 64 are hashed', () => {
    expect(hostName('b'.repeat(44), 'default', 'team-a')).toHaveLength(63);
    expect(looksHashed(hostName('b'.repeat(44), 'default', 'team-a'))).toBe(false);
    expect(looksHashed(hostName('b'.repeat(45), 'default', 'team-a'))).toBe(true);
  });

  test('nothing has no host name', () => {
    expect(hostName('', 'default', 'team-a')).toBe('');
  });

  test('the other names made the same way: label keys, markers', () => {
    expect(safeConcatName('vcluster.loft.sh/label', 'team-a', 'x', 'a4d451ec23')).toBe(
      'vcluster.loft.sh/label-team-a-x-a4d451ec23',
    );
    expect(
      safeConcatName('vcluster.loft.sh/ns-label', 'tenant-with-a-quite-long-name-33c', 'x', 'cf1227b7b2'),
    ).toMatch(/^vcluster\.loft\.sh\/ns-label-tenant-with-a-quite-long-n-[0-9a-f]{10}$/);
    expect(safeConcatName('vcluster-team-a', 'x', 'team-a')).toBe('vcluster-team-a-x-team-a');
  });

  test('the cut is one of bytes: a name of 40 characters may be too long', () => {
    expect(safeConcatName('ä'.repeat(40))).not.toBe('ä'.repeat(40));
  });
});

describe('a name that may end in a hash is known as such', () => {
  test.each([
    ['vector 6, without any -x-', 'very-long-deployment-name-for-a-microservice-5d9c7b6-ccd258b959', true],
    ['vector 16, one character short by a collapsed dot', `${'a'.repeat(51)}-c3e71ce365`, true],
    ['a short name that ends in ten hex digits', 'web-0123456789', false],
    ['a long name that ends in a ReplicaSet hash', `${'a'.repeat(50)}-5d9c7b6f8-abcde`, false],
    ['upper-case digits', `${'a'.repeat(52)}-C3E71CE365`, false],
  ])('%s', (_, name, hashed) => {
    expect(looksHashed(name)).toBe(hashed);
  });
});

describe('a name is shaped like the convention only with three parts, none of them empty', () => {
  test.each([
    ['web-0-x-default-x-team-a', 'team-a'],
    ['x-0-x-xx-x-x', 'x'],
    ['web-0-x-x-x-x-x', 'x'],
    ['a-x-x-x-b', 'b'],
  ])('%s', (name, last) => {
    expect(isShaped(name)).toBe(true);
    expect(lastPart(name)).toBe(last);
  });

  test.each([
    '',
    'web-0',
    'job-x-ray',
    'a-x-x-b',
    '-x-a-x-b',
    'a-x-b-x-',
    'x-x-x',
    '-x--x-',
    'web-0-x-default-team-a',
  ])('not %j', (name) => {
    expect(isShaped(name)).toBe(false);
    expect(lastPart(name)).toBeUndefined();
  });
});
