/** Reading the API. What cannot be read is undefined here, and read again by whoever asked; the headline says what is wrong. */

/** The most that the API lists in one answer. */
export const CROSSINGS_AT_ONCE = '1000';

/** @param name what follows `/api/v1/` */
export async function read<T>(
  name: string,
  query: Readonly<Record<string, string>> = {},
): Promise<T | undefined> {
  const answer = await ask(name, query);
  return answer?.ok === true ? ((await answer.json().catch(() => undefined)) as T | undefined) : undefined;
}

export async function ask(
  name: string,
  query: Readonly<Record<string, string>> = {},
  init: RequestInit = {},
): Promise<Response | undefined> {
  const search = new URLSearchParams(query).toString();
  const url = `api/v1/${name}${search === '' ? '' : `?${search}`}`;
  return fetch(url, { credentials: 'same-origin', cache: 'no-store', ...init }).catch(() => undefined);
}
