import { readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { StreamPosition } from './stream-reader.ts';

/** Where the consumer goes on after a restart, as Lambda remembers it. */
export interface Checkpoint {
  load(): Promise<StreamPosition>;
  save(position: StreamPosition): Promise<void>;
}

/** For a table that does not outlive the process. */
export function memoryCheckpoint(): Checkpoint {
  let current: StreamPosition = {};
  return {
    load: async () => current,
    save: async (position) => {
      current = position;
    },
  };
}

const fileSchema = z.object({ stream_arn: z.string(), position: z.record(z.string(), z.string()) });

/** Keeps the position in a file; that of another stream counts for nothing. */
export function fileCheckpoint(file: string, streamArn: string): Checkpoint {
  return {
    load: async () => {
      const text = await readFile(file, 'utf8').catch(() => 'null'); // no file yet
      const stored = fileSchema.safeParse(JSON.parse(text));
      return stored.success && stored.data.stream_arn === streamArn ? stored.data.position : {};
    },
    save: async (position) => {
      await writeFile(`${file}.new`, JSON.stringify({ stream_arn: streamArn, position }), { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
  };
}
