/**
 * bcrypt in a thread of its own. bcryptjs is plain JavaScript: a check at cost 12
 * took 233 ms, in which no flow would be read, and its asynchronous variant
 * merely cuts that into pieces of 100 ms.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

export interface PasswordCheck {
  /** One at a time: await the answer before the next. Rejects when the thread cannot work. */
  matches(password: string, hash: string): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * As text, and not a module beside this one: it must also run where TypeScript is
 * run from source. The thread holds nothing but bcryptjs, whose path comes in.
 */
const WORK = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { compareSync } = require(workerData);
  parentPort.on('message', ({ password, hash }) => parentPort.postMessage(compareSync(password, hash)));
`;

/** The thread is started at the first password, and again after it failed. */
export function createPasswordCheck(): PasswordCheck {
  let thread: Worker | undefined;

  function start(): Worker {
    const worker = new Worker(WORK, {
      eval: true,
      workerData: createRequire(import.meta.url).resolve('bcryptjs'),
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    });
    // It must not keep a process alive that is done.
    worker.unref();
    // A failed thread exits only later: the next password must not be sent to it. And it may fail while
    // nobody waits, when an error without a listener would end the process.
    const gone = (): void => {
      if (thread === worker) thread = undefined;
    };
    worker.on('error', gone).on('exit', gone);
    return worker;
  }

  return {
    matches(password, hash) {
      const worker = (thread ??= start());
      return new Promise((resolve, reject) => {
        const done = (finish: () => void): void => {
          worker.off('message', answered).off('error', failed).off('exit', ended);
          finish();
        };
        const answered = (isRight: unknown): void => done(() => resolve(isRight === true));
        const failed = (error: Error): void => done(() => reject(error));
        const ended = (): void => done(() => reject(new Error('the thread that checks passwords ended')));
        worker.on('message', answered).on('error', failed).on('exit', ended);
        worker.postMessage({ password, hash });
      });
    },
    async close() {
      await thread?.terminate();
    },
  };
}
