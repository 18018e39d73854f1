/** One connection of a violation, as a person is shown it: plain JSON, for alerts and the state file. */
export interface Example {
  readonly source: ExamplePod;
  readonly destination: ExamplePod;
  readonly protocol: string;
  /** Without ports for protocols that have none. */
  readonly port: number | undefined;
  /** Those that allowed (or denied) it, where Hubble named any. */
  readonly policies: readonly string[];
  /** The `hubble observe` line that shows it. */
  readonly hubbleObserve: string;
}

export interface ExamplePod {
  /** In the host cluster; '' where Hubble did not say. */
  readonly namespace: string;
  readonly pod: string;
  /** As the tenant knows it, where that is certain. */
  readonly virtualNamespace: string | undefined;
  readonly virtualPod: string | undefined;
  readonly address: string;
}

/** What of a longer description belongs here. */
export function exampleOf({ source, destination, ...rest }: Example): Example {
  const { protocol, port, policies, hubbleObserve } = rest;
  return { source: podOf(source), destination: podOf(destination), protocol, port, policies, hubbleObserve };
}

function podOf({ namespace, pod, virtualNamespace, virtualPod, address }: ExamplePod): ExamplePod {
  return { namespace, pod, virtualNamespace, virtualPod, address };
}
