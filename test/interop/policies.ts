/** Cilium's own policy engine, asked: one process for all questions, which come and go as lines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { inject } from 'vitest';
import type { Answer } from '../../src/policy/decision.js';
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

/** The versions whose policy engine was built. */
export const ENGINES = inject('hubbles').flatMap(({ patch, programs }) =>
  programs.policy === undefined ? [] : [{ patch, program: programs.policy }],
);

/** What Cilium may say where we say so. Rules on requests are ours to recognise and the proxy's to decide. */
export const AGREED: Record<Exclude<Answer, 'unknown'>, readonly Said[]> = {
  allowed: ['allowed', 'none', 'proxied'],
  denied: ['denied'],
  subject_to_l7: ['proxied'],
};

/** Whether Cilium enforces policies on it, by its labels. */
export function isManaged(labels: readonly string[]): boolean {
  return (
    labels.includes('k8s:io.cilium.k8s.policy.cluster=default') ||
    ['reserved:health', 'reserved:ingress', 'reserved:init'].some((label) => labels.includes(label))
  );
}
