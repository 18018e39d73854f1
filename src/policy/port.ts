/** Ports as policies write them, and the numbers that they cover. */

/** IANA's service names (cilium pkg/iana/svcname.go). Compared without regard to case. */
export function portName(text: string): string | undefined {
  const isName = text.length <= 15 && /^[a-zA-Z0-9](-?[a-zA-Z0-9])*$/.test(text) && /[a-zA-Z]/.test(text);
  return isName ? text.toLowerCase() : undefined;
}

/** No leading zero: Go reads 010 as 8 (strconv.ParseUint with base 0). */
export function portNumber(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,4})$/.test(text)) return undefined;
  const number = Number(text);
  return number <= 65_535 ? number : undefined;
}

/** Port 0 is every port; an end below the start is none (cilium pkg/policy/portrange.go, PortRangeToMaskedPorts). */
export function range(port: number, endPort: number): { readonly from: number; readonly to: number } {
  if (port === 0 && endPort === 0) return { from: 0, to: 65_535 };
  return { from: port, to: Math.max(port, endPort) };
}
