// The figures of test/bench/scale.mjs as the tables of docs/scaling.md.

/** @param {object[]} results of measure(), analyzers on a relay */
export function relayTable(results) {
  return table(
    [
      'nodes',
      'flows/s',
      'events/s in the cluster',
      'cores',
      'µs a flow',
      'MB',
      'series',
      'scrape (worst of two)',
      'lag p50 / p99',
    ],
    results.map((result) => [
      count(result.cell.nodes),
      `${result.cell.flowsPerSecond === 0 ? 'as fast as they come: ' : ''}${rate(result.flowsPerSecond)}`,
      result.cell.flowsPerSecond === 0 ? '' : rate(result.flowsPerSecond / result.about.share),
      result.cores.toFixed(3),
      result.flowsPerSecond < 500 ? '' : String(Math.round(result.cpuMicrosecondsAFlow)),
      megabytes(result),
      count(result.most.series),
      scrape(result),
      lag(result),
    ]),
  );
}

/** @param {object[]} results of analyzers on one node */
export function nodeTable(results) {
  return table(
    ['flows/s of the node', 'cores', 'MB', 'series', 'scrape (worst of two)', 'lag p50 / p99'],
    results.map((result) => [
      rate(result.flowsPerSecond),
      result.cores.toFixed(3),
      megabytes(result),
      count(result.most.series),
      scrape(result),
      lag(result),
    ]),
  );
}

/** One way to watch a cluster beside the other: analyzers on nodes are N times the one that was measured. */
export function topologyTable(onRelay, onNode) {
  const rows = onRelay.flatMap((relay) => {
    const { nodes, flowsPerSecond } = relay.cell;
    const own = onNode.find(({ cell }) => cell.flowsPerSecond / cell.nodes === flowsPerSecond / nodes);
    if (own === undefined) return [];
    return [
      [
        count(nodes),
        rate(relay.flowsPerSecond),
        rate(relay.cores),
        `${megabytes(relay)} MB`,
        lag(relay),
        rate(nodes * own.cores),
        `${rate((nodes * own.most.resident) / 1e9)} GB`,
        lag(own),
      ],
    ];
  });
  return table(
    [
      'nodes',
      'flows/s',
      'relay: cores',
      'memory',
      'lag p50 / p99',
      'per node: cores',
      'memory',
      'lag p50 / p99',
    ],
    rows,
  );
}

/** What filter and field mask save, at the same traffic. */
export function savingsTable(results) {
  return table(
    [
      '`--flows.filter`',
      'field mask',
      'of 100 events sent',
      'bytes a flow',
      'bytes an event',
      'CPU µs an event',
    ],
    results.map((result) => {
      const { filter = 'judged', masks = true } = result.cell;
      const share = filter === 'judged' ? result.about.share : 1;
      return [
        filter,
        masks ? 'yes' : 'no (Cilium before 1.16)',
        (100 * share).toFixed(0),
        count(result.bytesAFlow),
        count(result.bytesAFlow * share),
        (result.cpuMicrosecondsAFlow * share).toFixed(1),
      ];
    }),
  );
}

/** What a figure is worth: whatever went wrong while it was taken. */
export function troubleOf(results) {
  return results.flatMap(({ cell, trouble, waiting, flowsPerSecond, about }) => {
    const wanted = cell.flowsPerSecond / (cell.topology === 'node' ? cell.nodes : 1);
    const expected = cell.filter === 'all' ? wanted / about.share : wanted;
    const slow = cell.flowsPerSecond > 0 && flowsPerSecond < expected * 0.9 && expected * 20 > 100;
    const told = Object.entries({ ...trouble, waiting }).filter(([, value]) => value > 0);
    if (!slow && told.length === 0) return [];
    const what = told.map(([name, value]) => `${name} ${value}`);
    return [
      `${JSON.stringify(cell)}: ${[...what, ...(slow ? [`${rate(flowsPerSecond)} flows/s`] : [])].join(', ')}`,
    ];
  });
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---:')), ...rows.map(line)].join('\n');
}

function count(value) {
  return Math.round(value).toLocaleString('en');
}

/** Two figures: more is noise. */
function rate(value) {
  if (value === 0 || value >= 100) return count(Number(value.toPrecision(2)));
  return String(Number(value.toPrecision(2)));
}

function megabytes({ most }) {
  return count(most.resident / 1e6);
}

function scrape({ most }) {
  return `${count(most.bytes / 1000)} KB, ${count(most.scrapeMs)} ms`;
}

/** No figure where the load came late: where a second's worth of it was still waiting to be sent. */
function lag({ lag: { p50, p99 }, waiting, flowsPerSecond }) {
  if (waiting > flowsPerSecond) return 'load behind';
  const seconds = (value) => (value < 0.1 ? '<0.1' : value.toPrecision(2).replace(/\.0+$/, ''));
  return `${seconds(p50)} / ${seconds(p99)} s`;
}
