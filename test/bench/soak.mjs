// Resident memory of the whole daemon over many flows: flat, or it leaks.
//
//   node test/bench/soak.mjs [flows, 20,000,000 by default]      (npm run bench:soak)
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { flowsOf, startTestDaemon } from './daemon.mjs';

const total = Number(process.argv[2] ?? 20_000_000);
const source = fork(new URL('source.mjs', import.meta.url), ['{}'], {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const [line] = await once(source.stdout, 'data');
const { port } = JSON.parse(line);
const daemon = await startTestDaemon(`127.0.0.1:${port}`);

const samples = [];
const step = total / 20;
const looking = setInterval(() => {
  const flows = flowsOf(daemon);
  while (flows >= step * (samples.length + 1)) {
    samples.push(process.memoryUsage().rss / 1e6);
    console.log(
      `${(step * samples.length).toLocaleString('en')} flows: ${samples.at(-1).toFixed(0)} MB resident`,
    );
  }
  if (samples.length < 20) return;
  clearInterval(looking);
  const quarter = (from) => samples.slice(from, from + 5).reduce((sum, one) => sum + one, 0) / 5;
  console.log(
    `last quarter / second quarter: ${(quarter(15) / quarter(5)).toFixed(3)}; most: ${Math.max(...samples).toFixed(0)} MB`,
  );
  source.kill();
  void daemon.close().then(() => process.exit(0));
}, 50);
