/**
 * The command line: which commands there are, their flags and their help. What
 * commander finds wrong is said in the same form as every other problem.
 */
import { Command, CommanderError } from 'commander';
import { didYouMean } from '../config/nearest.js';
import { ALL_OPTIONS, GROUPS, OPTIONS, type AnyOption } from '../config/options.js';
import { quoted } from '../config/problem.js';
import { plain } from '../outside.js';
import { check } from './check.js';
import { demo } from './demo.js';
import { addFlag, flagTerm, flagTexts, spellSwitches, type FlagTexts } from './flags.js';
import { URL_FLAG } from './analyzer.js';
import { policyCheck } from './policycheck.js';
import { POLICY } from './policyfiles.js';
import { FORMAT, PER, policySuggest, WORLD } from './policysuggest.js';
import { FAIL_ON, OUTPUT, replay } from './replay.js';
import { serve } from './serve.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

interface CommandRow {
  /** One word, or two: `policy check` is the command `check` of the group `policy`. */
  readonly name: string;
  /** Whether it takes words besides flags. */
  readonly takesWords?: boolean;
  /** Shown after the name: what it takes besides flags. */
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  /** Rows of the options table that it reads. */
  readonly scope: readonly AnyOption[];
  /** Those of them that its help lists; without it, all. */
  readonly lists?: readonly AnyOption[];
  readonly own: readonly Parameters<typeof addFlag>[1][];
  readonly notes: string;
  run(shell: Shell, flags: FlagTexts, words: readonly string[]): Promise<ExitCode>;
}

const withFlags = ALL_OPTIONS.filter(({ flag }) => flag !== undefined);
const inGroups = (...groups: readonly string[]): AnyOption[] =>
  withFlags.filter(({ group }) => groups.includes(group));

const ELSEWHERE = `Every flag can be an environment variable, CROSSTALK_ and the flag in upper case
(CROSSTALK_FLOWS_SINCE for --flows.since), and has a place in the configuration
file (flows.since). A flag wins over the environment, the environment over the file.
SIGHUP reads the file again. Documentation: docs/configuration.md`;

const COMMANDS: readonly CommandRow[] = [
  {
    name: 'serve',
    usage: '[flags]',
    summary: 'watch a cluster and serve what crosses between tenants (the default command)',
    description:
      "Reads Hubble's flows and serves metrics, a JSON API and a page about traffic between tenants.",
    scope: withFlags,
    own: [],
    notes: ELSEWHERE,
    run: serve,
  },
  {
    name: 'demo',
    usage: '[flags]',
    summary: 'the same against a simulated cluster: no cluster, no configuration, no network',
    description:
      'Runs serve against a simulated cluster inside this process: two tenants, a crossing, and the policy that ends it.',
    scope: inGroups('Web', 'Log', 'Alertmanager'),
    own: [],
    notes: 'Open http://127.0.0.1:9967 and watch for a minute. Ctrl-C ends it; nothing is left behind.',
    run: demo,
  },
  {
    name: 'replay',
    usage: '[flags] FILE... | -',
    summary: 'judge recorded flows and print a report',
    description:
      "Judges flows that were recorded with `hubble observe -o json` or by Hubble's exporter, plain or gzip; - is standard input.",
    scope: [OPTIONS.configFile],
    own: [OUTPUT, FAIL_ON],
    notes: `Exit codes: 0 fine, 1 nothing could be read, 2 wrong command line or configuration,
3 with --fail-on cross-tenant when unexpected traffic between tenants was allowed.`,
    takesWords: true,
    run: replay,
  },
  {
    name: 'policy suggest',
    usage: 'TENANT [flags] [FILE... | -]',
    summary: 'write the policy that isolates a tenant and keeps what it used',
    description:
      'Writes the network policies that isolate a tenant and keep what it was seen to use, from recorded flows, or without files from what a running analyzer has seen. Each rule says why it is there. Nothing is applied.',
    scope: [OPTIONS.configFile],
    own: [FORMAT, PER, WORLD, URL_FLAG],
    notes: `Record all flows (hubble observe --follow -o json), or run serve with --flows.filter all: with less,
what goes to the world, to nodes and to the API server is missing.

Exit codes: 0 fine, 1 the tenant was not seen or nothing could be read, 2 wrong command line or configuration.`,
    takesWords: true,
    run: policySuggest,
  },
  {
    name: 'policy check',
    usage: '--policy FILE [flags] [FILE... | -]',
    summary: 'tell what network policies would break and stop, from connections that were seen',
    description:
      'Tries policies on recorded flows, or without files on what a running analyzer has seen: what would still be allowed, break, be stopped or get through. Nothing is applied.',
    scope: [OPTIONS.configFile],
    own: [POLICY, OUTPUT, URL_FLAG],
    notes: `Policies in force count only where they are given:
  kubectl get cnp,ccnp,netpol -A -o yaml | crosstalk policy check --policy - --policy new.yaml flows.ndjson

Exit codes: 0 fine, 1 nothing could be judged, 2 wrong command line, configuration or policy,
3 when something other than an unexpected crossing would be newly denied.`,
    takesWords: true,
    run: policyCheck,
  },
  {
    name: 'check',
    usage: '--config.file FILE [flags of serve]',
    summary: 'validate a configuration file',
    description:
      'Prints every problem of the configuration with its place in the file. Takes the flags of serve, to check exactly what serve would be given.',
    scope: withFlags,
    lists: [OPTIONS.configFile],
    own: [],
    notes: 'Exit codes: 0 fine, 1 the configuration has problems, 2 wrong command line.',
    run: check,
  },
];

/** Runs the command that argv asks for. @returns the process's exit code */
export async function runProgram(shell: Shell): Promise<ExitCode> {
  let code: ExitCode = Exit.FINE;
  const program = createProgram(shell, (result) => (code = result));
  const argv = spellSwitches(shell.argv, withFlags);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return Exit.FINE; // --help and --version end this way
    shell.stderr.write(`crosstalk: ${usageProblem(error, argv)}\n`);
    return Exit.USAGE;
  }
  return code;
}

function createProgram(shell: Shell, done: (code: ExitCode) => void): Command {
  const program = prepared(new Command('crosstalk'), shell)
    .helpCommand('help [command]', 'print the help of a command')
    .usage('[command] [flags]')
    .description(
      "Tells which tenants of a shared vCluster host cluster reach each other, from Cilium Hubble's flow stream.",
    )
    .addHelpText(
      'after',
      `
Try it without a cluster:  crosstalk demo
Watch a cluster:           crosstalk serve --server hubble-relay.kube-system.svc:80
Its flags:                 crosstalk serve --help`,
    );
  const groups = new Map<string, Command>();
  for (const row of COMMANDS) {
    const [last = '', group] = row.name.split(' ').reverse();
    const parent = group === undefined ? program : groupOf(program, group, groups, shell);
    const command = prepared(parent.command(last, { isDefault: row.name === 'serve' }), shell)
      .usage(row.usage)
      .summary(row.summary)
      .description(row.description)
      .argument('[words...]')
      .addHelpText('after', row.notes === '' ? '' : `\n${row.notes}`)
      .action(async (words: string[]) => {
        const unexpected = row.takesWords === true ? undefined : words[0];
        if (unexpected !== undefined) program.error(unexpectedWord(row.name, unexpected));
        done(await row.run(shell, flagTexts(command), words));
      });
    for (const flag of row.own) addFlag(command, flag, 'Report');
    for (const group of GROUPS) {
      for (const option of row.scope)
        if (option.group === group)
          addFlag(command, option, group, row.lists !== undefined && !row.lists.includes(option));
    }
  }
  return program;
}

/** Commands of two words, with what they have in common. */
const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  policy: 'network policies from connections that were seen: suggest, check',
};

function groupOf(program: Command, name: string, known: Map<string, Command>, shell: Shell): Command {
  const found = known.get(name);
  if (found !== undefined) return found;
  const group = prepared(program.command(name), shell)
    .usage('<command> [flags]')
    .summary(GROUP_SUMMARIES[name] ?? '')
    .description('Network policies from connections that were seen.')
    .argument('[words...]')
    .action((words: string[]) => {
      const commands = COMMANDS.filter((row) => row.name.startsWith(`${name} `)).map((row) =>
        row.name.slice(name.length + 1),
      );
      const [word] = words;
      const what = word === undefined ? 'no command given' : `unknown command ${quoted(word)}`;
      const hint = word === undefined ? '' : didYouMean(word, commands);
      program.error(`${name}: ${what}, expected one of ${commands.join(', ')}.${hint}`);
    });
  known.set(name, group);
  return group;
}

/** What every command has: --help, --version, errors as exceptions, and our way of writing help. */
function prepared(command: Command, { stdout, stderr, build }: Shell): Command {
  const { version, revision, nodeVersion } = build;
  return command
    .version(
      `crosstalk ${version} (revision ${revision}, Node.js ${nodeVersion})`,
      '--version',
      'print the version and exit',
    )
    .helpOption('-h, --help', 'print this help and exit')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // Commander writes errors itself; they are said once, by runProgram.
      outputError: () => undefined,
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(stdout.columns ?? 100, 110),
      getErrHelpWidth: () => Math.min(stderr.columns ?? 100, 110),
    })
    .configureHelp({ optionTerm: flagTerm, subcommandTerm: (sub) => sub.name(), visibleArguments: () => [] });
}

function unexpectedWord(command: string, word: string): string {
  const names = COMMANDS.map(({ name }) => name);
  if (names.includes(word)) return `${word} is a command and goes first: crosstalk ${word} [flags]`;
  const guess = didYouMean(word, names);
  if (command === 'serve') return `unknown command ${quoted(word)}.${guess} Known: ${names.join(', ')}`;
  return `unexpected ${quoted(word)}: crosstalk ${command} takes flags only`;
}

/** Commander's error in our form: what was given, what was expected, the nearest known name. */
function usageProblem({ code, message }: CommanderError, argv: readonly string[]): string {
  const quote = /'([^']*)'/.exec(message)?.[1] ?? '';
  const name = plain(quote.replace(/[ =].*$/s, ''), 80);
  const command =
    COMMANDS.find((row) => row.name === argv[0] || row.name === `${argv[0]} ${argv[1]}`) ?? COMMANDS[0];
  if (code === 'commander.unknownOption') return unknownFlag(name, command);
  if (code === 'commander.optionMissingArgument') {
    const row = withFlags.find(({ flag }) => `--${flag ?? ''}` === name);
    return `${name}: no value given, expected ${row?.kind.expected ?? 'one'}`;
  }
  return message.replace(/^error: /, '');
}

function unknownFlag(name: string, command: CommandRow | undefined): string {
  const rows = [...(command?.scope ?? []), ...(command?.own ?? [])];
  const known = [...rows.map(({ flag }) => `--${flag ?? ''}`), '--help', '--version'];
  const ofServe = withFlags.some(({ flag }) => `--${flag ?? ''}` === name);
  const where = command?.name ?? 'serve';
  const hint = ofServe ? ' It is a flag of crosstalk serve.' : didYouMean(name, known);
  return `${name}: unknown flag of crosstalk ${where}.${hint} crosstalk ${where} --help lists them`;
}
