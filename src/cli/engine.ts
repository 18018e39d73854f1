/**
 * What the commands set in motion. Loaded when a command needs it, so that
 * `crosstalk --help` does not wait for gRPC; tests pass their own.
 */
import type { Config } from '../config/config.js';
import type { Build, Daemon } from '../daemon.js';
import type { Log } from '../log.js';
import type { PolicyCheckReport } from '../expose/api.js';
import type { Wish } from '../policy/plan.js';
import type { Watched } from '../policy/watched.js';
import type { Replay } from '../replay.js';
import type { Suggestion } from '../suggestion.js';
import type { PolicyText } from './policyfiles.js';

export interface Engine {
  /** Rejects when what was configured cannot be had, such as a port in use. */
  startDaemon(config: Config, surroundings: { readonly build: Build; readonly log: Log }): Promise<Daemon>;
  createReplay(config: Config): Promise<Replay>;
  /** The texts are free of problems. */
  checkPolicies(texts: readonly PolicyText[], watched: Watched): Promise<PolicyCheckReport>;
  suggest(tenant: string, watched: Watched, wish: Wish): Promise<Suggestion>;
  /** Rejects with what is wrong with the web configuration and the files that it names, a line each. */
  checkWebConfig(path: string): Promise<void>;
}

export const ENGINE: Engine = {
  async startDaemon(config, surroundings) {
    const { startDaemon, SYSTEM } = await import('../daemon.js');
    return startDaemon(config, { ...SYSTEM, ...surroundings });
  },
  async createReplay(config) {
    const { createReplay } = await import('../replay.js');
    return createReplay(config);
  },
  async checkPolicies(texts, watched) {
    const { checkPolicies } = await import('../policycheck.js');
    return checkPolicies(texts, watched);
  },
  async suggest(tenant, watched, wish) {
    const { suggest } = await import('../suggestion.js');
    return suggest(tenant, watched, wish);
  },
  async checkWebConfig(path) {
    const { readWebFiles } = await import('../expose/webfiles.js');
    await readWebFiles(path);
  },
};
