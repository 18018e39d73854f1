/** What a view is to the page, and the page to a view. */
import type { Place } from './place.js';

export interface ViewOf {
  /** In the tab, and read out when it opens. */
  readonly title: string;
  readonly node: HTMLElement;
  /** It has been opened, or its filters are others now. */
  show(place: Place): void;
  /**
   * @param now the analyzer's clock, milliseconds since the epoch
   * @param frame 0 right after somebody did something: what is seen first, so that it is seen soon; up to LAST_FRAME, from
   * which on everything is drawn
   */
  draw(now: number, frame: number): void;
  /** Before it is printed: what a screen shows in parts. */
  showAll?(): void;
}

export const LAST_FRAME = 3;

/** Rows of a list in frame 0: more than most screens hold. */
export const FEW = 12;

export interface Site {
  /** Before the next frame, all of it. */
  draw(): void;
  /** Other filters; the address follows when there is a pause. */
  refine(changes: Partial<Place>): void;
  /** Reads what the API has for these words of its own. */
  readCrossings(filter: Readonly<Record<string, string>>): void;
}
