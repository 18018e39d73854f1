/** `hubble observe` as a person runs it, and what it shows. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { HubbleVersion } from './setup.js';

/** The fields of a shown flow that tests look at, as protojson writes them. */
export interface ShownFlow {
  readonly uuid: string;
  readonly verdict?: string | number;
  readonly event_type?: { readonly type?: number; readonly sub_type?: number };
  readonly is_reply?: boolean;
  readonly drop_reason_desc?: string;
  readonly node_name?: string;
}

const run = promisify(execFile);

/** What `hubble observe <flags>` shows, one flow a line. */
export async function observe(
  { programs }: HubbleVersion,
  server: string,
  ...flags: readonly string[]
): Promise<ShownFlow[]> {
  const { stdout } = await run(
    programs.hubble,
    ['observe', '--server', server, '--output', 'json', ...flags],
    // No configuration of the person who runs the tests.
    { env: { HOME: '/nonexistent' }, maxBuffer: 64 * 2 ** 20 },
  );
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => (JSON.parse(line) as { flow?: ShownFlow }).flow ?? []);
}

/** Sub types of a trace, by their numbers (pkg/monitor/api/types.go). */
const POINTS =
  'to-endpoint to-proxy to-host to-stack to-overlay from-endpoint from-proxy from-host from-stack from-overlay from-network to-network';

const TYPES: Readonly<Record<number, string>> = {
  1: 'drop',
  5: 'policy-verdict',
  7: 'trace-sock',
  129: 'l7',
};

/** The kind of a line in the words of `hubble observe --type`, such as `trace:to-endpoint`. */
export function typeOf({ event_type: { type = 0, sub_type: point = 0 } = {} }: ShownFlow): string {
  if (type === 4) return `trace:${POINTS.split(' ')[point] ?? point}`;
  return TYPES[type] ?? `type ${type}`;
}
