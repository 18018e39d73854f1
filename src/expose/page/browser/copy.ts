/** Lines to copy. Where the page is not served over TLS browsers have no clipboard for it: then the line is selected. */
import { el, say } from './dom.js';

const SAID_MS = 2_000;

/** @param text what is copied, to the letter; asked for when it is */
export function copyButton(name: string, text: () => string, shown?: HTMLElement): HTMLButtonElement {
  const button = el('button', { type: 'button', class: 'copy', 'aria-label': `Copy ${name}` }, 'Copy');
  button.addEventListener('click', () => {
    void copied(text()).then((isCopied) => {
      if (!isCopied && shown !== undefined) getSelection()?.selectAllChildren(shown);
      say(button, isCopied ? 'Copied' : 'Selected');
      setTimeout(() => say(button, 'Copy'), SAID_MS);
    });
  });
  return button;
}

/** A line with its button. */
export function line(name: string, text: string): HTMLElement {
  const code = el('code', {}, text);
  return el(
    'div',
    { class: 'line' },
    el('pre', {}, code),
    copyButton(name, () => text, code),
  );
}

async function copied(text: string): Promise<boolean> {
  // Not there without TLS, whatever the types say.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) return false;
  return clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}
