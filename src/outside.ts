/**
 * Text from outside (pod names, labels, error messages of servers), made fit for
 * a log line, a page or a label: tenants choose it, so it may hold terminal
 * escapes, line breaks or right-to-left marks.
 */

/** Control characters, zero-width and bidirectional marks, line and paragraph separators, unpaired surrogates. */
const UNFIT = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A pod name is 253 bytes at most (RFC 1123 subdomain); error messages of servers deserve as much. */
const LONGEST = 253;

/** @returns the text with unfit characters replaced by U+FFFD and cut to `longest` characters, a cut shown as `…` */
export function plain(text: string, longest = LONGEST): string {
  const fit = text.replace(UNFIT, '\ufffd');
  return fit.length <= longest ? fit : `${fit.slice(0, longest - 1)}…`;
}
