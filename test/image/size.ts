/** How large an image's files are, as a registry and a node count them. */
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of all files; links are not followed, and what has several names counts once. */
export function uncompressed(root: string): number {
  const sizes = new Map<number, number>();
  // By type: without it, readdir would go through links such as /lib -> usr/lib again.
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { ino, size } = lstatSync(join(entry.parentPath, entry.name));
    sizes.set(ino, size);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Bytes of them as one gzipped layer. */
export function compressed(root: string): number {
  const count = execFileSync('sh', ['-c', 'tar -C "$1" -c . | gzip -6 | wc -c', 'size', root], {
    encoding: 'utf8',
  });
  return Number(count);
}
