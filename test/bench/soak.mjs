// Resident memory of the whole daemon over many flows: flat, or it leaks.
//
//   node test/bench/soak.mjs [flows, 20,000,000 by default]      (npm run bench:soak)
import { flowsOf, startTestDaemon } from './daemon.mjs';
import { startSource } from './rounds.mjs';

const total = Number(process.argv[2] ?? 20_000_000);
const source = await startSource({});
const daemon = await startTestDaemon(source.address);

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
  void source.stop();
  void daemon.close().then(() => process.exit(0));
}, 50);
