/** The options table as Markdown, for the README and docs/configuration.md. */
import { ALL_OPTIONS, defaultText, environmentNames, OPTIONS, type AnyOption } from './options.js';

/** What a person looks up: every flag with its default and meaning. */
export function flagsTable(): string {
  const rows = ALL_OPTIONS.filter(({ flag }) => flag !== undefined).map((option) => [
    code(`--${option.flag ?? ''}`),
    defaultCell(option),
    option.help,
  ]);
  return markdown(['flag', 'default', 'meaning'], rows);
}

/** Every setting with all the places where it can be said. */
export function settingsTable(): string {
  const rows = ALL_OPTIONS.map((option) => [
    option.file === undefined ? '' : code(option.file),
    option.flag === undefined ? '' : code(`--${option.flag}`),
    environmentNames(option).map(code).join(', '),
    defaultCell(option),
    option === OPTIONS.configFile ? '' : option.reload ? 'applied' : 'takes a restart',
    hasRange(option) ? `${option.help} ${capital(option.kind.expected)}.` : option.help,
  ]);
  return markdown(['in the file', 'flag', 'environment', 'default', 'at a reload', 'meaning'], rows);
}

/** The settings that only the file has are found nowhere else with their bounds. */
function hasRange({ group }: AnyOption): boolean {
  return group === 'Limits' || group === 'Alerts';
}

function defaultCell(option: AnyOption): string {
  const shown = defaultText(option);
  return shown === 'none' || shown === 'off' || shown === 'on' ? shown : code(shown);
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function code(text: string): string {
  return `\`${text}\``;
}

function markdown(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
