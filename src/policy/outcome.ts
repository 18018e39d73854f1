/** What would become of a connection. Apart from what finds it out, because a schema and a table need only the words. */

/**
 * In the order in which a person wants to know. `stopped_crossing`: newly denied,
 * between tenants, agreed on by nobody: what one wants. `unknown`: it depends on
 * requests, names or labels that flows do not tell.
 */
export const OUTCOMES = [
  'newly_denied',
  'unknown',
  'newly_allowed',
  'stopped_crossing',
  'still_allowed',
  'still_denied',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
