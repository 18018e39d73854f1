/** `crosstalk demo`: the daemon against a simulated cluster in the same process. */
import type { Config } from '../config/config.js';
import { pickEnvironment } from '../config/environment.js';
import { readConfig } from '../config/config.js';
import { ALL_OPTIONS } from '../config/options.js';
import { createLog } from '../log.js';
import type { Demo } from '../simulator/demo.js';
import type { FlagTexts } from './flags.js';
import { keepRunning } from './lifetime.js';
import { writeProblems } from './refusal.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

/** What a demo needs to be told: where to serve, log and alert. The server is the simulator, whatever HUBBLE_SERVER says. */
const SCOPE = ALL_OPTIONS.filter(({ group }) => ['Web', 'Log', 'Alertmanager'].includes(group));

export async function demo(shell: Shell, flags: FlagTexts): Promise<ExitCode> {
  const inputs = { flags, env: pickEnvironment(shell.env) };
  const read = readConfig({ inputs, file: undefined, now: shell.clock(), scope: SCOPE });
  if (!read.ok) {
    writeProblems(shell.stderr, read.problems);
    return Exit.USAGE;
  }
  const log = await createLog(read.config.log, shell.stdout);
  return keepRunning(shell, log, async () => {
    const story = await startStory((line) => log.info({ event: 'demo_story' }, line));
    const daemon = await shell.engine
      .startDaemon(against(read.config, story.address), { build: shell.build, log })
      .catch(async (error: unknown) => {
        await story.close();
        throw error;
      });
    return {
      reload: () => daemon.reload(),
      async close() {
        await daemon.close();
        await story.close();
      },
    };
  });
}

async function startStory(story: (line: string) => void): Promise<Demo> {
  const { startDemo } = await import('../simulator/demo.js');
  return startDemo({ story });
}

function against(config: Config, server: string): Config {
  const settings = config.settings.map((setting) =>
    setting.name === 'server' ? { ...setting, value: server } : setting,
  );
  return { ...config, server, settings };
}
