// The readers of other clients, one a process: they read what comes, and do with it
// what their name says. Who measures them counts at the source and asks the system.
import http2 from 'node:http2';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const { reader, address, window } = JSON.parse(process.argv[2]);
const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
const channelOptions = window === undefined ? {} : { 'grpc-node.flow_control_window': window };

let frames = 0;
let last;
function failed(error) {
  process.stderr.write(`${reader}: ${error.message}\n`);
  process.exit(1);
}

/** @param {(piece: Buffer) => void} piece called for each piece of the stream */
function overHttp2(piece) {
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
  stream.on('error', failed);
  stream.on('data', piece);
}

const readers = {
  /** HTTP/2 alone: bytes are taken and gRPC frames counted, nothing is looked at. */
  http2() {
    let rest = Buffer.alloc(0);
    overHttp2((chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let offset = 0;
      while (offset + 5 <= bytes.length) {
        const end = offset + 5 + bytes.readUInt32BE(offset + 1);
        if (end > bytes.length) break;
        frames += 1;
        offset = end;
      }
      rest = bytes.subarray(offset);
    });
  },
  /** What Crosstalk would cost on a gRPC client that does no more than this one. */
  async libraryOverHttp2() {
    const { createLibrary } = await import('./library.mjs');
    const { write } = await createLibrary();
    overHttp2((piece) => {
      frames += 1;
      write(piece);
    });
  },
  /** grpc-js with a deserializer that does nothing: what any client of this transport pays. */
  noop() {
    const client = new grpc.Client(address, grpc.credentials.createInsecure(), channelOptions);
    const call = client.makeServerStreamRequest(
      '/observer.Observer/GetFlows',
      (bytes) => bytes,
      () => true,
      Buffer.alloc(0),
    );
    call.on('data', () => (frames += 1));
    call.on('error', failed);
  },
  /** What a client written from the documentation does. */
  protoLoader() {
    const definition = protoLoader.loadSync('observer/observer.proto', { includeDirs: [PROTO] });
    const { Observer } = grpc.loadPackageDefinition(definition).observer;
    const client = new Observer(address, grpc.credentials.createInsecure(), channelOptions);
    const call = client.GetFlows({ follow: true });
    call.on('data', (response) => (last = response));
    call.on('error', failed);
  },
};
await readers[reader]();
process.on('disconnect', () => process.exit(last === undefined && frames === 0 ? 1 : 0));
