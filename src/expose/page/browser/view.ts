/** What a view is to the page, and the page to a view. */
import type { Place } from './place.js';

export interface ViewOf {
  /** In the tab, and read out when it opens. */
  readonly title: string;
  readonly node: HTMLElement;
  /** It has been opened, or its filters are others now. */
  show(place: Place): void;
  /** @param now the analyzer's clock, milliseconds since the epoch */
  draw(now: number): void;
  /** Before it is printed: what a screen shows in parts. */
  showAll?(): void;
}

export interface Site {
  /** Soon: before the next frame. */
  draw(): void;
  /** Other filters; the address follows when there is a pause. */
  refine(changes: Partial<Place>): void;
  /** Reads what the API has for these words of its own. */
  readCrossings(filter: Readonly<Record<string, string>>): void;
}
