// The readers that are compared, one a child process. Each reads `warmup` flows,
// then measures `flows` more, and prints flows, seconds of wall clock and of CPU.
import http2 from 'node:http2';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const { reader, address, warmup, flows, window } = JSON.parse(process.argv[2]);
const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));

let seen = 0;
let started;
function count(done, by = 1) {
  const before = seen;
  seen += by;
  if (before < warmup && seen >= warmup)
    started = { wall: performance.now(), cpu: process.cpuUsage(), flows: seen };
  if (seen >= warmup + flows) {
    const { user, system } = process.cpuUsage(started.cpu);
    const result = {
      flows: seen - started.flows,
      wallSeconds: (performance.now() - started.wall) / 1000,
      cpuSeconds: (user + system) / 1e6,
      rssBytes: process.memoryUsage().rss,
    };
    process.stdout.write(`${JSON.stringify({ ...result, ...done?.() })}\n`, () => process.exit(0));
    seen = -Infinity;
  }
}

const channelOptions = window === undefined ? {} : { 'grpc-node.flow_control_window': window };

function rawRequest(deserialize, onData) {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), channelOptions);
  const call = client.makeServerStreamRequest(
    '/observer.Observer/GetFlows',
    (b) => b,
    deserialize,
    Buffer.alloc(0),
  );
  call.on('data', onData);
  call.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}

const readers = {
  /** HTTP/2 alone: bytes are taken and gRPC frames counted, nothing is looked at. */
  http2() {
    const session = http2.connect(
      `http://${address}`,
      window === undefined ? {} : { settings: { initialWindowSize: window } },
    );
    if (window !== undefined) session.on('connect', () => session.setLocalWindowSize(window));
    const stream = session.request({
      ':method': 'POST',
      ':path': '/observer.Observer/GetFlows',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
    let rest = Buffer.alloc(0);
    stream.on('data', (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let offset = 0;
      let frames = 0;
      while (offset + 5 <= bytes.length) {
        const end = offset + 5 + bytes.readUInt32BE(offset + 1);
        if (end > bytes.length) break;
        offset = end;
        frames += 1;
      }
      rest = bytes.subarray(offset);
      if (frames > 0) count(undefined, frames);
    });
  },
  /** grpc-js with a deserializer that does nothing: what any client of this transport pays. */
  noop() {
    rawRequest(
      () => true,
      () => count(),
    );
  },
  /** What a client written from the documentation does. */
  protoLoader() {
    const definition = protoLoader.loadSync('observer/observer.proto', { includeDirs: [PROTO] });
    const { Observer } = grpc.loadPackageDefinition(definition).observer;
    const client = new Observer(address, grpc.credentials.createInsecure(), channelOptions);
    let last;
    client.GetFlows({ follow: true }).on('data', (response) => {
      last = response;
      count(() => ({ checked: last !== undefined }));
    });
  },
  /** Our decoder alone behind the same transport. */
  async decoder() {
    const { createDecoder } = await import('../../dist/hubble/decode.js');
    const decode = createDecoder({ endpoints: 65_536 });
    let last;
    rawRequest(decode, (event) => {
      last = event;
      count(() => ({ checked: last.kind === 'flow' }));
    });
  },
  /** The whole daemon: connection, decoding, dedupe, attribution, counting, and a web server that is scraped every second. */
  async crosstalk() {
    const { crossingsOf, flowsOf, startTestDaemon } = await import('./daemon.mjs');
    const daemon = await startTestDaemon(address);
    setInterval(() => void fetch(`${daemon.addresses[0]}/metrics`).then((answer) => answer.text()), 1000);
    let before = 0;
    // Looks at the counters often: the flows of one look are one batch.
    setInterval(() => {
      const now = flowsOf(daemon);
      if (now > before) count(() => ({ checked: crossingsOf(daemon) > 0 }), now - before);
      before = now;
    }, 5);
  },
};
await readers[reader]();
