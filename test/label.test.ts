import { expect, test } from 'vitest';
import { splitLabel } from '../src/label.js';

test.each([
  ['k8s:app=web', 'k8s', 'app', 'web'],
  ['k8s:empty', 'k8s', 'empty', ''],
  ['k8s:a:b=c=d:e', 'k8s', 'a:b', 'c=d:e'],
  ['fqdn:*.example.com', 'fqdn', '*.example.com', ''],
  ['no-source', '', 'no-source', ''],
  ['no-source=x:y', 'no-source=x', 'y', ''],
  ['=', '', '', ''],
  ['', '', '', ''],
])('the label %j is split on its first colon, then on its first equals sign', (text, source, key, value) => {
  expect(splitLabel(text)).toEqual({ source, key, value });
});
