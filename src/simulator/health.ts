import { GrpcCode, type Call } from './call.js';
import { codecs } from './messages.js';
import type { Handler } from './server.js';

/** `HealthCheckResponse.ServingStatus` (grpc.health.v1). */
const Serving = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

/** What Hubble registers: the server as a whole, and its Observer. */
const SERVICES = new Set(['', 'hubble.server.Observer']);

/** grpc.health.v1.Health, as grpc-go's health server answers it. */
export class Health {
  readonly #watching = new Map<Call, string>();
  #serving: boolean;

  constructor(serving: boolean) {
    this.#serving = serving;
  }

  set(serving: boolean): void {
    if (serving === this.#serving) return;
    this.#serving = serving;
    for (const [call, service] of this.#watching) this.#tell(call, service);
  }

  handlers(): [string, Handler][] {
    const { healthCheck, healthWatch } = codecs();
    return [
      [
        healthCheck.path,
        (call, bytes) => {
          const { service = '' } = healthCheck.decode(bytes);
          if (!SERVICES.has(service)) {
            call.end({ code: GrpcCode.NOT_FOUND, message: 'unknown service' });
            return;
          }
          call.send(healthCheck.encode({ status: this.#statusOf(service) }));
          call.end();
        },
      ],
      [
        healthWatch.path,
        (call, bytes) => {
          const { service = '' } = healthWatch.decode(bytes);
          this.#watching.set(call, service);
          call.onClosed(() => this.#watching.delete(call));
          this.#tell(call, service);
        },
      ],
    ];
  }

  #tell(call: Call, service: string): void {
    call.send(codecs().healthWatch.encode({ status: this.#statusOf(service) }));
  }

  #statusOf(service: string): number {
    if (!SERVICES.has(service)) return Serving.SERVICE_UNKNOWN;
    return this.#serving ? Serving.SERVING : Serving.NOT_SERVING;
  }
}
