/**
 * Getting many alerts to an Alertmanager of which it may refuse some. It answers
 * 400 for a whole post when one alert in it is bad, and may or may not have taken
 * the others (api/v2/api.go; a wrong type in the JSON costs them all). So the post
 * is halved until the bad ones stand alone, and the good ones arrive.
 */
import type { Posted } from './post.js';

/** Alerts in one post. */
export const BATCH = 256;

export interface Delivered<T> {
  readonly taken: readonly T[];
  /** Not to be sent again. */
  readonly refused: readonly { readonly item: T; readonly message: string }[];
  /** What ended it early; what is neither taken nor refused has to be sent again. */
  readonly failure: Posted | undefined;
}

/**
 * With nothing to say an empty post is made: it proves the way, so that a wrong
 * URL or password is found before the first violation.
 *
 * @param post never rejects
 */
export async function deliver<T>(
  items: readonly T[],
  post: (batch: readonly T[]) => Promise<Posted>,
): Promise<Delivered<T>> {
  const taken: T[] = [];
  const refused: { item: T; message: string }[] = [];
  let isProven = false;

  const all = async (batch: readonly T[]): Promise<Posted | undefined> => {
    const posted = await post(batch);
    if (posted.result === 'success') {
      taken.push(...batch);
      return undefined;
    }
    if (posted.result !== 'refused' || batch.length === 0) return posted;
    // A 400 for everything is not about the alerts: a web server speaks TLS and was spoken to without.
    if (!isProven) {
      const proof = await post([]);
      if (proof.result !== 'success') return posted;
      isProven = true;
    }
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      refused.push({ item: only, message: posted.message });
      return undefined;
    }
    const middle = Math.ceil(batch.length / 2);
    return (await all(batch.slice(0, middle))) ?? (await all(batch.slice(middle)));
  };

  let failure: Posted | undefined;
  for (let from = 0; failure === undefined && (from === 0 || from < items.length); from += BATCH)
    failure = await all(items.slice(from, from + BATCH));
  return { taken, refused, failure };
}
