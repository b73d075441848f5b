import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

const BUNDLED_FRAME = /^(?<caller>.*?)(?<url>file:\/\/\/\S+\.mjs):(?<line>\d+):(?<column>\d+)/;

/** By bundle. To read one takes 10 ms and more: a run of the sweep may log a thousand errors. */
const maps = new Map<string, SourceMap | null>();

/**
 * The frames of a stack with the source's own files and lines, where the source map of a bundle tells them; others as
 * they are. Node's `--enable-source-maps` does the same, but reads the map in every start and not only once there is
 * an error.
 */
export function toSourceLines(frames: readonly string[]): string[] {
  return frames.map((frame) => {
    const { caller = '', url, line, column } = BUNDLED_FRAME.exec(frame)?.groups ?? {};
    if (url === undefined) return frame;
    if (!maps.has(url)) maps.set(url, readSourceMap(url));
    const origin = maps.get(url)?.findOrigin(Number(line), Number(column));
    if (!origin || !('fileName' in origin)) return frame;
    return `${caller}${fromRoot(origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}${caller.endsWith('(') ? ')' : ''}`;
  });
}

/** Null for a bundle that has none: an error must be logged whatever is amiss here. */
function readSourceMap(url: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${url}.map`), 'utf8')));
  } catch {
    return null;
  }
}

/** Sources are named relative to where the bundle was made, which is not where it runs. */
function fromRoot(path: string): string {
  return path.replace(/^.*?\/(?=(functions|infra|lib|node_modules)\/)/, '');
}
