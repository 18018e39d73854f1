/** The views, by the names that links call them; the alerts link to them too. */
export const VIEWS = ['overview', 'crossings', 'tenants', 'health'] as const;
