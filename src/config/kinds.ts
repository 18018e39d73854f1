/**
 * What a setting can be. A kind reads the setting from text (flags and
 * environment) and from a YAML value, with one rule for both, and says in words
 * what it expects.
 */
import { z } from 'zod';
import { DURATION, formatDuration, parseDuration } from './duration.js';
import { didYouMean } from './nearest.js';

/** Bad data is a value: `expected` continues the sentence "got …, expected". */
export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

export interface Kind<T> {
  /** Stands for the value in help, such as `<duration>`; '' for a switch. */
  readonly placeholder: string;
  /** What fits, in words. */
  readonly expected: string;
  /** Whether a flag may be given more than once. */
  readonly repeatable: boolean;
  /** From flags or the environment: one text, or several where the kind is repeatable. */
  read(texts: readonly string[]): Read<T>;
  /** From the configuration file. Error messages are what is expected, in words. */
  readonly file: z.ZodType<T>;
  /** For help, the README and /api/v1/status. */
  show(value: T): string;
}

/** A text with a form of its own. `parse` says what was expected instead, and so does `expected` where no text is given. */
export function text<T extends string>(form: {
  placeholder: string;
  expected: string;
  parse: (text: string) => Read<T>;
  /** For the JSON Schema only: `parse` decides. */
  examples?: readonly string[];
}): Kind<T> {
  return {
    placeholder: form.placeholder,
    expected: form.expected,
    repeatable: false,
    read: ([given = '']) => form.parse(given),
    file: parsed(
      form.examples === undefined
        ? z.string({ error: form.expected })
        : z.string({ error: form.expected }).meta({ examples: form.examples }),
      form.parse,
    ),
    show: (value) => value,
  };
}

/** Any text without control characters; '' is not a value, leave the setting out instead. */
export function plainText(placeholder: string, expected: string): Kind<string> {
  return text({
    placeholder,
    expected,
    parse: (given) =>
      given.trim() === '' || /\p{Cc}/u.test(given)
        ? { ok: false, expected }
        : { ok: true, value: given.trim() },
  });
}

export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  const expected = `one of ${words.join(', ')}`;
  const parse = (given: string): Read<T> => {
    const value = words.find((word) => word === given);
    if (value !== undefined) return { ok: true, value };
    return { ok: false, expected: `${expected}.${didYouMean(given, words)}`.replace(/\.$/, '') };
  };
  return {
    placeholder: `<${words.join('|')}>`,
    expected,
    repeatable: false,
    read: ([given = '']) => parse(given),
    file: parsed(z.string({ error: expected }).meta({ enum: [...words] }), parse),
    show: (value) => value,
  };
}

/** `--flag`, `--flag=false`, `--no-flag`; `true`, `false`, `1` or `0` in the environment, as Go programs read it. */
export function yesOrNo(): Kind<boolean> {
  const words = new Map([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ]);
  return {
    placeholder: '',
    expected: 'true or false',
    repeatable: false,
    read([given = '']) {
      const value = words.get(given.toLowerCase());
      return value === undefined ? { ok: false, expected: 'true or false' } : { ok: true, value };
    },
    file: z.boolean({ error: 'true or false' }),
    show: String,
  };
}

/** @param range inclusive; `why` says what is wrong beyond it */
export function wholeNumber(range: { min: number; max: number; why: string }): Kind<number> {
  const expected = `a whole number from ${range.min} to ${range.max} (${range.why})`;
  return {
    placeholder: '<number>',
    expected,
    repeatable: false,
    read([given = '']) {
      const value = /^\d{1,15}$/.test(given) ? Number(given) : NaN;
      const fits = value >= range.min && value <= range.max;
      return fits ? { ok: true, value } : { ok: false, expected };
    },
    file: z.int({ error: expected }).min(range.min, { error: expected }).max(range.max, { error: expected }),
    show: String,
  };
}

/** Milliseconds. @param range inclusive, as durations; `why` says what is wrong beyond it */
export function duration(range: { min: string; max: string; why: string }): Kind<number> {
  const form = 'a duration such as 15m, 1h30m or 1d';
  const within = `${form}, from ${range.min} to ${range.max} (${range.why})`;
  const min = parseDuration(range.min) ?? 0;
  const max = parseDuration(range.max) ?? Infinity;
  const parse = (given: string): Read<number> => {
    const value = parseDuration(given);
    if (value === undefined) return { ok: false, expected: form };
    return value < min || value > max ? { ok: false, expected: within } : { ok: true, value };
  };
  return {
    placeholder: '<duration>',
    expected: within,
    repeatable: false,
    read: ([given = '']) => parse(given),
    file: parsed(
      z.string({ error: form }).meta({ pattern: DURATION.source, minLength: 1, examples: ['15m'] }),
      parse,
    ),
    show: formatDuration,
  };
}

/** Several of a kind: flags repeat, one text may hold several between commas or white space, the file has a list. */
export function listOf<T>(item: Kind<T>): Kind<readonly T[]> {
  const expected = `a list, each ${item.expected}`;
  return {
    placeholder: item.placeholder,
    expected,
    repeatable: true,
    read(texts) {
      const values: T[] = [];
      for (const one of texts.flatMap((given) => given.split(/[\s,]+/).filter((part) => part !== ''))) {
        const read = item.read([one]);
        if (!read.ok) return { ok: false, expected: read.expected };
        values.push(read.value);
      }
      return values.length > 0 ? { ok: true, value: values } : { ok: false, expected: item.expected };
    },
    file: z
      .array(item.file, { error: expected })
      .min(1, { error: 'at least one; leave the setting out for the default' }),
    show: (values) => values.map((value) => item.show(value)).join(', '),
  };
}

/** A schema for text that `parse` reads; its failure becomes the schema's own. */
export function parsed<T>(schema: z.ZodType<string>, parse: (text: string) => Read<T>): z.ZodType<T> {
  return schema.transform((given, context): T => {
    const read = parse(given);
    if (read.ok) return read.value;
    context.addIssue({ code: 'custom', message: read.expected });
    return z.NEVER;
  });
}
