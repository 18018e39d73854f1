// Resident memory of the whole daemon over many flows: flat, or it leaks.
//
//   node test/bench/soak.mjs [flows, 20,000,000 by default]      (npm run bench:soak)
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readConfig } from '../../dist/config/config.js';
import { startDaemon } from '../../dist/daemon.js';

const total = Number(process.argv[2] ?? 20_000_000);
const source = fork(new URL('source.mjs', import.meta.url), [JSON.stringify({ corpus: { flows: 20_000 } })], {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const [line] = await once(source.stdout, 'data');
const { port } = JSON.parse(line);
const read = readConfig({
  inputs: {
    flags: { server: [`127.0.0.1:${port}`], 'web.listen-address': ['127.0.0.1:0'], 'log.level': ['error'] },
    env: {},
  },
  file: undefined,
  now: Date.now(),
});

let flows = 0;
const samples = [];
const step = total / 20;
const daemon = await startDaemon(read.config, {
  onFlow() {
    flows += 1;
    if (flows % step !== 0) return;
    samples.push(process.memoryUsage().rss / 1e6);
    console.log(`${flows.toLocaleString('en')} flows: ${samples.at(-1).toFixed(0)} MB resident`);
    if (flows < total) return;
    const quarter = (from) => samples.slice(from, from + 5).reduce((sum, one) => sum + one, 0) / 5;
    console.log(`last quarter / second quarter: ${(quarter(15) / quarter(5)).toFixed(3)}; most: ${Math.max(...samples).toFixed(0)} MB`);
    source.kill();
    void daemon.close().then(() => process.exit(0));
  },
});
