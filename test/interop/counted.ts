/** The traffic's counters of a scrape, as test/fixtures/pipeline.ts names them. */
import { COUNTED } from '../fixtures/pipeline.js';
import type { Samples } from './crosstalk.js';

/** Every sample of the traffic's counters that is not 0, as `name{labels}` without the prefix. */
export function counted(samples: Samples): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [sample, value] of Object.entries(samples)) {
    const [name = ''] = sample.split('{');
    if (value === 0 || !COUNTED.includes(name)) continue;
    found[`${sample.replace('crosstalk_', '')}${name === sample ? '{}' : ''}`] = value;
  }
  return found;
}

/**
 * Events of which the default filter lets at least those pass that are counted
 * or explain what is: arrivals with `reply: [false]` (an ICMP error is no reply
 * either), policy verdicts, drops (src/hubble/request.ts).
 */
const PASSING = ['arrival', 'related', 'denial', 'drop', 'policy_verdict'].map(
  (event) => `flows_total{event="${event}"}`,
);

/** What remains of a situation's samples when the server sends only what passes the default filter. */
export function passingFilter(expected: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(expected).filter(
      ([sample]) => !sample.startsWith('flows_total') || PASSING.includes(sample),
    ),
  );
}
