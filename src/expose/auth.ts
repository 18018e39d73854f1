/**
 * Basic auth (RFC 7617) with bcrypt hashes, as Prometheus' exporters have it.
 * What a stranger can cost us is bounded: one check at a time, off the event loop
 * (password.ts), a short queue, and a password that was right once is not
 * checked again. A user that does not exist costs as much as one that does.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PasswordCheck } from './password.js';

/** bcrypt hashes by user. */
export type Users = ReadonlyMap<string, string>;

export type Admission =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly status: number;
      readonly detail: string;
      readonly headers: Readonly<Record<string, string>>;
    };

export interface Auth {
  /** Without users everyone is admitted. @param isWanted whether anyone still waits for the answer */
  readonly admit: (
    authorization: string | undefined,
    isWanted: () => boolean,
  ) => Admission | Promise<Admission>;
  setUsers(users: Users): void;
}

/** Passwords that wait for their check: at 60 ms each, the last waits two seconds. */
const MOST_WAITING = 32;

const ADMITTED: Admission = { ok: true };
const REFUSED: Admission = {
  ok: false,
  status: 401,
  detail: 'a user of basic_auth_users (--web.config.file) and the password are needed',
  headers: { 'www-authenticate': 'Basic realm="Crosstalk", charset="UTF-8"' },
};
const TOO_MANY: Admission = {
  ok: false,
  status: 429,
  detail: 'too many passwords are being checked; try again in a few seconds',
  headers: { 'retry-after': '3' },
};

export function createAuth(check: PasswordCheck, initial: Users): Auth {
  const salt = randomBytes(32);
  let users = initial;
  let nobody = hashOfNobody(users);
  /** By user: the digest of the password that was right. */
  let good = new Map<string, Buffer>();
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  const digestOf = (password: string): Buffer => createHmac('sha256', salt).update(password).digest();

  async function verify({ user, password }: Credentials, isWanted: () => boolean): Promise<Admission> {
    if (!isWanted()) return REFUSED;
    const asked = users;
    const hash = asked.get(user);
    const isRight = (await check.matches(password, hash ?? nobody)) && hash !== undefined;
    // The users may have changed meanwhile: what was right then is checked anew.
    if (isRight && users === asked) good.set(user, digestOf(password));
    return isRight ? ADMITTED : REFUSED;
  }

  return {
    admit(authorization, isWanted) {
      if (users.size === 0) return ADMITTED;
      const credentials = readBasic(authorization);
      if (credentials === undefined) return REFUSED;
      const known = good.get(credentials.user);
      if (known !== undefined && timingSafeEqual(known, digestOf(credentials.password))) return ADMITTED;
      if (waiting >= MOST_WAITING) return TOO_MANY;
      waiting += 1;
      const mine = last.then(() => verify(credentials, isWanted)).finally(() => (waiting -= 1));
      last = mine.catch(() => undefined);
      return mine;
    },
    setUsers(next) {
      users = next;
      nobody = hashOfNobody(users);
      good = new Map();
    },
  };
}

interface Credentials {
  readonly user: string;
  readonly password: string;
}

function readBasic(authorization: string | undefined): Credentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A hash that no password is known for, as costly as the costliest of the users'. */
function hashOfNobody(users: Users): string {
  const rounds = Math.max(4, ...[...users.values()].map((hash) => Number(hash.slice(4, 6))));
  const saltAndDigest = 'abcdefghijklmnopqrstuu'.padEnd(53, '.');
  return `$2b$${String(rounds).padStart(2, '0')}$${saltAndDigest}`;
}
