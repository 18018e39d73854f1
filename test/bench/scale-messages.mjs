// Messages of a GetFlows stream, made beforehand but for the two things that differ
// each time they are sent: when it happened, and the uuid.
import { fieldMask } from '../../dist/simulator/fieldmask.js';
import { flowPredicate } from '../../dist/simulator/filters.js';
import { codecs } from '../../dist/simulator/messages.js';

const FLOW_UUID = 34;
const UUID_FIELD = Buffer.from([0x92, 0x02, 36]);
/** Tag, length, and the timestamp of at most two tags and ten bytes. */
const MOST_OF_A_TIME = 14;

/**
 * What a request leaves of an event, as its node would send it.
 *
 * @param {object} request GetFlowsRequest
 * @param {{ masks: boolean }} options whether the server knows field masks (Cilium 1.16); an older one sends flows whole
 * @returns {(flow: object) => Template | undefined} undefined: the filter leaves it out
 * @typedef {{ before: Buffer, after: Buffer, node: Buffer }} Template
 */
export function templatesFor(request, { masks }) {
  const passes = flowPredicate(request.whitelist, request.blacklist);
  const paths = request.field_mask?.paths ?? [];
  const mask = masks && paths.length > 0 ? fieldMask(paths, '1.19') : undefined;
  return (flow) => {
    if (!passes(flow)) return undefined;
    const sent = { ...(mask?.apply(flow) ?? flow), time: undefined, uuid: undefined };
    const bytes = payload(codecs().getFlows.encode({ flow: sent }));
    const at = offsetOf(bytes, FLOW_UUID);
    return {
      before: bytes.subarray(0, at),
      after: bytes.subarray(at),
      node: codecs().getFlows.encode({ node_name: flow.node_name }),
    };
  };
}

/** @returns bytes that {@link write} needs at most, the five of gRPC's header included */
export function mostBytes({ before, after, node }) {
  return 5 + 6 + MOST_OF_A_TIME * 2 + 2 + before.length + UUID_FIELD.length + 36 + after.length + node.length;
}

/**
 * Writes one message with its gRPC header.
 *
 * @param {Buffer} into
 * @param {number} at
 * @param {Template} template
 * @param {number} time milliseconds since the epoch
 * @param {number} serial becomes the uuid
 * @returns {number} where it ends
 */
export function write(into, at, { before, after, node }, time, serial) {
  const stamp = timestamp(time);
  const inner = 2 + stamp.length + before.length + UUID_FIELD.length + 36 + after.length;
  let end = at + 5;
  into[end++] = 0x0a; // GetFlowsResponse.flow
  end = varint(into, end, inner);
  into[end++] = 0x0a; // Flow.time
  into[end++] = stamp.length;
  end += stamp.copy(into, end);
  end += before.copy(into, end);
  end += UUID_FIELD.copy(into, end);
  end += into.write(uuid(serial), end, 'latin1');
  end += after.copy(into, end);
  end += node.copy(into, end);
  into[end++] = 0xca; // GetFlowsResponse.time, field 1001
  into[end++] = 0x3e;
  into[end++] = stamp.length;
  end += stamp.copy(into, end);
  into[at] = 0;
  into.writeUInt32BE(end - at - 5, at + 1);
  return end;
}

/** Spread over all four words, as random ones are: a memory indexed by them must not see a sequence. */
function uuid(serial) {
  const hex = (value) => (value >>> 0).toString(16).padStart(8, '0');
  const [a, b, c] = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35].map((by) => hex(Math.imul(serial, by)));
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${hex(serial)}`;
}

const stampBuffer = Buffer.alloc(MOST_OF_A_TIME);

function timestamp(time) {
  const seconds = Math.floor(time / 1000);
  const nanos = Math.floor((time - seconds * 1000) * 1e6);
  stampBuffer[0] = 0x08;
  let end = varint(stampBuffer, 1, seconds);
  if (nanos > 0) {
    stampBuffer[end] = 0x10;
    end = varint(stampBuffer, end + 1, nanos);
  }
  return stampBuffer.subarray(0, end);
}

function varint(into, at, value) {
  let rest = value;
  let end = at;
  while (rest >= 0x80) {
    into[end++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  into[end++] = rest;
  return end;
}

function readVarint(bytes, at) {
  let value = 0;
  let scale = 1;
  for (let end = at; ; end += 1) {
    value += (bytes[end] & 0x7f) * scale;
    scale *= 0x80;
    if (bytes[end] < 0x80) return { value, end: end + 1 };
  }
}

/** Of a message with one length-delimited field, what is in it. */
function payload(bytes) {
  const { end } = readVarint(bytes, 1);
  return bytes.subarray(end);
}

/** Where the first field from this number on begins. */
function offsetOf(bytes, number) {
  let at = 0;
  while (at < bytes.length) {
    const { value: tag, end } = readVarint(bytes, at);
    if (tag >>> 3 >= number) return at;
    const wire = tag & 7;
    if (wire === 0) at = readVarint(bytes, end).end;
    else if (wire === 2) {
      const { value: length, end: start } = readVarint(bytes, end);
      at = start + length;
    } else throw new Error(`wire type ${wire} in a flow`);
  }
  return at;
}
