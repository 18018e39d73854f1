/** All situations at once, as a cluster has them: each on ports of its own, so that none is another's connection. */
import type { Flow } from '../../src/model.js';
import { flowsAt, situations } from '../fixtures/situations.js';

const PORTS_APART = 100;

/** The flows in the order in which they happen, from `now` on. */
export function mixedTraffic(now: number): Flow[] {
  return situations.flatMap((situation, i) =>
    flowsAt(situation, now).map((flow) => onPorts(flow, i * PORTS_APART)),
  );
}

/** ICMP has type and code where the others have ports, and those stay. */
function onPorts(flow: Flow, by: number): Flow {
  const { l4 } = flow;
  if (l4.protocol === 'icmp' || l4.sourcePort < 1024) return flow;
  return { ...flow, l4: { ...l4, sourcePort: l4.sourcePort - by } };
}
