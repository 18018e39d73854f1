/**
 * Elements, and text in them. Nothing here takes markup: what a tenant wrote becomes
 * text, with control and bidirectional characters made visible (outside.ts).
 */
import { plain } from '../../../outside.js';

/** A `hubble observe` line with two names of 253 characters each has about 700; a policy, or JSON, more. */
const LONGEST = 2_000;

export type Child = Node | string | false | undefined;
type Attributes = Readonly<Record<string, string | false | undefined>>;

/** @param attributes those that are `false` or undefined are left out */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) attribute(made, name, value);
  for (const child of children) {
    if (child === undefined || child === false) continue;
    made.append(typeof child === 'string' ? plain(child, LONGEST) : child);
  }
  return made;
}

/** Sets what differs, so that what stays the same costs no layout. */
export function attribute(on: Element, name: string, value: string | false | undefined): void {
  if (value === false || value === undefined) {
    if (on.hasAttribute(name)) on.removeAttribute(name);
  } else {
    const fit = plain(value, LONGEST);
    if (on.getAttribute(name) !== fit) on.setAttribute(name, fit);
  }
}

/** Of an element that has nothing but text in it. */
export function say(on: Element, text: string): void {
  const fit = plain(text, LONGEST);
  if (on.textContent !== fit) on.textContent = fit;
}

export function hide(on: HTMLElement, isHidden: boolean): void {
  if (on.hidden !== isHidden) on.hidden = isHidden;
}

/** Text of somebody else's, kept apart from ours in its direction. */
export function bdi(text = ''): HTMLElement {
  return el('bdi', {}, text);
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag: string, attributes: Attributes = {}, ...children: readonly Node[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) attribute(made, name, value);
  made.append(...children);
  return made;
}

/** One of the page's shapes (marks.ts). */
export function shape(id: string): SVGElement {
  return svg('svg', { class: 'shape', 'aria-hidden': 'true' }, svg('use', { href: `#${id}` }));
}

export function reshape(on: SVGElement, id: string): void {
  const [use] = on.children;
  if (use !== undefined) attribute(use, 'href', `#${id}`);
}

/** Puts `children` into `parent` without touching those that are in their place already. */
export function place(parent: Element, children: readonly Element[]): void {
  let at = parent.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
  while (at !== null) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
}
