/** The rows of the options table, and the few flags that only one command has, as commander's options. */
import { Option as CommanderOption, type Command } from 'commander';
import type { Kind } from '../config/kinds.js';
import { defaultText, type AnyOption } from '../config/options.js';
import { quoted } from '../config/problem.js';

/** Every occurrence of every flag, as text: what it means is decided by the option's row. */
export type FlagTexts = Readonly<Record<string, readonly string[]>>;

/** A flag without environment variable or place in the file. */
export interface LocalFlag<T> {
  readonly flag: string;
  readonly kind: Kind<T>;
  readonly default: T | undefined;
  readonly help: string;
}

type AnyFlag = Pick<AnyOption, 'flag' | 'kind' | 'help' | 'default'>;

/** @param hidden accepted, but not listed in help */
export function addFlag(command: Command, row: AnyFlag, group: string, hidden = false): void {
  const { flag = '', kind, help } = row;
  const notes = [
    defaultText(row) === 'none' ? '' : `default: ${defaultText(row)}`,
    'alsoEnv' in row && Array.isArray(row.alsoEnv) && row.alsoEnv.length > 0
      ? `also: ${row.alsoEnv.join(', ')}`
      : '',
  ].filter((note) => note !== '');
  const description = notes.length === 0 ? help : `${help} (${notes.join('; ')})`;
  command.addOption(
    // Every flag takes a text here; switches get theirs from spellSwitches.
    new CommanderOption(`--${flag} ${kind.placeholder === '' ? SWITCH : kind.placeholder}`, description)
      .argParser((text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), text])
      .helpGroup(`${group}:`)
      .hideHelp(hidden),
  );
}

const SWITCH = '<true|false>';

/** `--[no-]tls` for a switch, as Prometheus' help shows them. */
export function flagTerm(option: CommanderOption): string {
  return option.flags.endsWith(SWITCH) ? option.flags.replace(/^--(\S+) .*/, '--[no-]$1') : option.flags;
}

/** The texts that were given, by flag without dashes. */
export function flagTexts(command: Command): FlagTexts {
  const given: Record<string, readonly string[]> = {};
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (Array.isArray(value)) given[option.long?.slice(2) ?? ''] = value.map(String);
  }
  return given;
}

/**
 * `--tls` becomes `--tls=true` and `--no-tls` becomes `--tls=false`, so that
 * `--tls=false`, which Go programs and charts write, is read by the same rule.
 */
export function spellSwitches(argv: readonly string[], rows: readonly AnyFlag[]): string[] {
  const switches = new Set(rows.filter(({ kind }) => kind.placeholder === '').map(({ flag }) => flag));
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    if (end !== -1 && index > end) return word;
    const name = word.replace(/^--(no-)?/, '');
    if (!word.startsWith('--') || !switches.has(name)) return word;
    return `--${name}=${String(!word.startsWith('--no-'))}`;
  });
}

/** The value of a command's own flag, or what is wrong with it. */
export function readLocal<T>(
  texts: FlagTexts,
  { flag, kind, default: fallback }: LocalFlag<T>,
): { readonly ok: true; readonly value: T | undefined } | { readonly ok: false; readonly problem: string } {
  const given = texts[flag];
  if (given === undefined) return { ok: true, value: fallback };
  const read = kind.read([given.at(-1) ?? '']);
  if (read.ok) return read;
  return { ok: false, problem: `--${flag}: got ${quoted(given.at(-1) ?? '')}, expected ${read.expected}` };
}
