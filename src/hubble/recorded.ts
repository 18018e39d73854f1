import type { HubbleEvent, UnreadableReason } from '../model.js';
import { createEndpointPool, type EndpointPool } from './endpoints.js';
import { LOST_EVENT_SOURCE_NUMBERS, NODE_STATE_NUMBERS } from './enums.js';
import { flowFrom, timeFrom } from './jsonflow.js';
import * as json from './protojson.js';
import { lostEventSource, nodeState } from './status.js';

/** As many endpoints as the daemon keeps by default. */
const ENDPOINTS = 65_536;

/**
 * Makes the reader of recorded flows: one line of JSON to one {@link HubbleEvent},
 * equal to what the same message gives on the wire; undefined for a blank line.
 *
 * Reads what `hubble observe -o json` and `-o jsonpb` print, what Hubble's
 * exporter writes (flow, node_name and time in one object), and a flow that stands
 * by itself, as older command lines print it. What cannot be read is a value with its reason.
 */
export function createLineReader(): (line: string) => HubbleEvent | undefined {
  const pool = createEndpointPool(ENDPOINTS);
  return (line) => (line.trim() === '' ? undefined : readLine(line, pool));
}

function readLine(line: string, pool: EndpointPool): HubbleEvent {
  let value: unknown;
  try {
    value = JSON.parse(line.trim());
  } catch {
    return unreadable('not_json');
  }
  if (!json.isObject(value)) return unreadable('not_a_flow');
  try {
    return event(value, pool);
  } catch (error) {
    if (error instanceof json.FieldError) return unreadable('bad_field');
    throw error;
  }
}

function unreadable(reason: UnreadableReason): HubbleEvent {
  return { kind: 'unreadable', reason };
}

/** Members that tell a flow that stands by itself from anything else that is JSON. */
const OF_A_FLOW = ['verdict', 'event_type', 'Type', 'source', 'destination', 'IP', 'l4', 'uuid'];
/** What Hubble's exporter writes besides flows. */
const OF_NO_FLOW = ['agent_event', 'debug_event'];
/** Members of the message around a flow: with nothing else, the one it is about has a name we do not know, or none. */
const AROUND = new Set(['node_name', 'nodeName', 'time']);

function event(line: json.Json, pool: EndpointPool): HubbleEvent {
  const lost = json.optionalMessage(line, 'lost_events');
  if (lost) return lostEvents(lost, line);
  const status = json.optionalMessage(line, 'node_status');
  if (status) return nodeStatus(status, line);
  const flow = json.optionalMessage(line, 'flow');
  if (flow) return { kind: 'flow', flow: flowFrom(flow, line, pool) };
  const has = (name: string) => json.member(line, name) !== undefined;
  if (OF_A_FLOW.some(has)) return { kind: 'flow', flow: flowFrom(line, line, pool) };
  const isBare = Object.keys(line).every((name) => AROUND.has(name) || json.member(line, name) === undefined);
  return isBare || OF_NO_FLOW.some(has) ? { kind: 'unknown' } : unreadable('not_a_flow');
}

function nodeStatus(status: json.Json, around: json.Json): HubbleEvent {
  return {
    kind: 'node_status',
    state: nodeState(json.enumeration(status, 'state_change', NODE_STATE_NUMBERS)),
    nodeNames: json.texts(status, 'node_names'),
    message: json.text(status, 'message'),
    time: timeFrom(around),
  };
}

function lostEvents(lost: json.Json, around: json.Json): HubbleEvent {
  return {
    kind: 'lost_events',
    source: lostEventSource(json.enumeration(lost, 'source', LOST_EVENT_SOURCE_NUMBERS)),
    count: json.count(lost, 'num_events_lost'),
    cpu: json.optionalInt32(lost, 'cpu'),
    nodeName: json.text(around, 'node_name'),
    time: timeFrom(around) ?? timeFrom(lost, 'last'),
  };
}
