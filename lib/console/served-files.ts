import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file as it can be sent. */
export interface ServedFile {
  readonly type: string;
  /** Whether its name changes with what it holds, so that it may be kept for good. */
  readonly isImmutable: boolean;
  /** A weak validator: it is the same for both forms. */
  readonly etag: string;
  readonly plain: Buffer;
  /** Null where it is not worth compressing. */
  readonly gzipped: Buffer | null;
}

/** The file at a path such as `/console/index.html`, or null. @throws Error when it cannot be read */
export type FindFile = (path: string) => ServedFile | null;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** What esbuild puts into a name: eight of A-Z and 2-7. */
const hashedName = /-[A-Z2-7]{8}\.\w+$/;

/** Where compressed forms lie: beside the file, under its name and this. */
const GZIPPED = '.gz';

/**
 * The files below `<folder>/console` and `<folder>/docs`, each read when it is first asked for. What may be asked for is
 * listed once: a path is looked up, and never becomes the name of a file.
 */
export function openFiles(folder: string): FindFile {
  const served = new Map<string, string>(
    ['console', 'docs'].flatMap((name) => {
      const names = existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : [];
      return names
        .filter((file) => types[extname(file)] !== undefined)
        .map((file) => [`/${name}/${file}`, join(folder, name, file)] as const);
    }),
  );
  const opened = new Map<string, ServedFile>();
  return (path) => {
    const file = served.get(path);
    if (file === undefined) return null;
    const known = opened.get(path) ?? readServed(file);
    opened.set(path, known);
    return known;
  };
}

function readServed(file: string): ServedFile {
  const plain = readFileSync(file);
  return {
    type: types[extname(file)] ?? '',
    isImmutable: hashedName.test(file),
    etag: etagOf(plain),
    plain,
    gzipped: existsSync(file + GZIPPED) ? readFileSync(file + GZIPPED) : null,
  };
}

export const etagOf = (bytes: Buffer | string): string =>
  `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
