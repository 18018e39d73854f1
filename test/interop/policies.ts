/** Cilium's own policy engine, asked: one process for all questions, which come and go as lines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Asked, End, Written } from '../policy/cases.js';

export interface Question {
  readonly cluster: string;
  readonly ipv6: boolean;
  readonly policies: readonly Written[];
  readonly endpoints: readonly End[];
  readonly connections: readonly Asked[];
}

export type Said = 'none' | 'allowed' | 'proxied' | 'denied';

export interface Reply {
  /** Of each policy what the custom resource's schema says against it; '' where nothing. */
  readonly schema: readonly string[];
  /** The same of the agent's parser. */
  readonly parse: readonly string[];
  readonly verdicts: readonly { readonly egress: Said; readonly ingress: Said }[];
  readonly error?: string;
}

export async function askCilium(program: string, questions: readonly Question[]): Promise<Reply[]> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const replies: Reply[] = [];
  try {
    child.stdin.on('error', () => undefined); // it ended early: told of by its exit code
    child.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
    for await (const line of createInterface({ input: child.stdout }))
      replies.push(JSON.parse(line) as Reply);
  } finally {
    child.kill();
    await ended;
  }
  if (replies.length !== questions.length)
    throw new Error(
      `Cilium answered ${replies.length} of ${questions.length} questions, and ended with ${child.exitCode}`,
    );
  return replies;
}
