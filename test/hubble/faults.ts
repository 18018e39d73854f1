import { vi } from 'vitest';

/** What is thrown in turns of their own, where nobody catches it, instead of ending the test. Until mocks are restored. */
export function thrownLater(): unknown[] {
  const thrown: unknown[] = [];
  vi.spyOn(globalThis, 'setImmediate').mockImplementation(((turn: () => void) => {
    try {
      turn();
    } catch (error) {
      thrown.push(error);
    }
  }) as never);
  return thrown;
}
