/** The direct push: every active violation to every Alertmanager, beside the Prometheus rules. */
import { createAlertmanager, type AlertmanagerOptions } from './alertmanager.js';
import type { AlertmanagerAccess } from './post.js';

export interface Push {
  start(): void;
  /** A violation began: it is sent at once. */
  nudge(): void;
  /** One last post to each, for at most so long. */
  close(withinMs: number): Promise<void>;
}

/** How Alertmanagers are reached: all of them the same way. */
export type PushAccess = Omit<AlertmanagerAccess, 'url'> & { readonly urls: readonly string[] };

export function createPush(
  options: Omit<AlertmanagerOptions, 'access'> & { readonly access: PushAccess },
): Push {
  const { urls, ...how } = options.access;
  const alertmanagers = urls.map((url) => createAlertmanager({ ...options, access: { url, ...how } }));
  return {
    start: () => alertmanagers.forEach((alertmanager) => alertmanager.start()),
    nudge: () => alertmanagers.forEach((alertmanager) => alertmanager.nudge()),
    async close(withinMs) {
      await Promise.all(alertmanagers.map((alertmanager) => alertmanager.close(withinMs)));
    },
  };
}
