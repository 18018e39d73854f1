/**
 * What a connection is known by: text, because it is kept over restarts, and written as
 * bytes where it is looked for, because joining strings first costs more than the rest.
 */
import { createHash } from 'node:crypto';
import type { Flow } from '../model.js';

/** What is longer, with a node's name of kilobytes, stands for itself by its digest. */
const LONGEST = 1_024;
const SPACE = 0x20;
const DENIED = 0x21;
const ZERO = 0x30;

export class Key {
  /** UTF-8 takes up to three bytes for what a string counts as one. */
  readonly bytes = Buffer.allocUnsafe(LONGEST * 3);
  length = 0;
  /** Something written since the start was not ASCII, of which a byte is a letter. */
  private wide = false;

  ofText(text: string): void {
    const short = text.length > LONGEST ? digest(text) : text;
    this.length = this.bytes.write(short, 'utf8');
  }

  /** Hot. By node too: one tuple seen by two nodes is two connections (analyzers that watch some of the nodes can be summed). */
  ofConnection(flow: Flow, denied: boolean): void {
    this.write(flow.nodeName, flow, denied);
  }

  /** Hot. Whichever node saw it. */
  ofTuple(flow: Flow, denied: boolean): void {
    this.write(undefined, flow, denied);
  }

  private write(node: string | undefined, flow: Flow, denied: boolean): void {
    const { l4 } = flow;
    const source = String(flow.sourceIp);
    const destination = String(flow.destinationIp);
    this.length = 0;
    this.wide = (node?.length ?? 0) + source.length + destination.length > LONGEST / 2;
    if (denied) this.letter(DENIED);
    if (node !== undefined) this.text(node);
    this.text(l4.protocol);
    this.text(source);
    this.number(l4.sourcePort);
    this.text(destination);
    this.number(l4.destinationPort);
    this.length -= 1;
    if (this.wide) this.ofText(textOf(node, flow, denied));
  }

  private text(text: string): void {
    if (this.wide) return;
    const { bytes } = this;
    let all = 0;
    let at = this.length;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      all |= code;
      bytes[at] = code;
      at += 1;
    }
    this.length = at;
    this.wide = all > 0x7f;
    this.letter(SPACE);
  }

  /** A port: decimal, as in text. */
  private number(value: number): void {
    let end = this.length + 1;
    for (let rest = value; rest > 9; rest = Math.floor(rest / 10)) end += 1;
    let rest = value;
    for (let at = end - 1; at >= this.length; at -= 1) {
      this.bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.length = end;
    this.letter(SPACE);
  }

  private letter(code: number): void {
    this.bytes[this.length] = code;
    this.length += 1;
  }
}

/** The same as text. */
function textOf(node: string | undefined, { l4, sourceIp, destinationIp }: Flow, denied: boolean): string {
  const tuple = `${l4.protocol} ${String(sourceIp)} ${l4.sourcePort} ${String(destinationIp)} ${l4.destinationPort}`;
  return `${denied ? '!' : ''}${node === undefined ? '' : `${node} `}${tuple}`;
}

function digest(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
