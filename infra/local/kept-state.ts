import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';

/** Values by their keys, in the order in which the keys came. */
export interface KeptMap<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  has(key: string): boolean;
  delete(key: string): void;
  values(): IterableIterator<T>;
}

/** What a local system is besides its tables: its keys, what waits in its queues, and what the simulators know. */
export interface KeptState {
  /** What is kept under a name; values are what JSON can hold. */
  map<T>(name: string): KeptMap<T>;
  stop(): Promise<void>;
}

type Maps = Map<string, Map<string, unknown>>;

/** Keys are in it. */
const OWNER_ALONE = 0o600;

/**
 * Kept in a file, where one is named: a line for each change, so that whatever ends the process loses nothing that was
 * answered. A line that was not written to its end counts as not written.
 */
export function openState(file?: string): KeptState {
  const maps: Maps = new Map();
  if (file === undefined) return { map: (name) => mapOf(maps, name), stop: async () => {} };
  for (const { name, key, value } of readLines(file)) {
    if (value === undefined) mapOf(maps, name).delete(key);
    else mapOf(maps, name).set(key, value);
  }
  writeAll(file, maps);
  const opened = openSync(file, 'a', OWNER_ALONE);
  return {
    map<T>(name: string): KeptMap<T> {
      const kept = mapOf<T>(maps, name);
      return {
        get: (key) => kept.get(key),
        has: (key) => kept.has(key),
        values: () => kept.values(),
        set(key, value) {
          kept.set(key, value);
          appendFileSync(opened, lineOf(name, key, value));
        },
        delete(key) {
          if (kept.delete(key)) appendFileSync(opened, lineOf(name, key));
        },
      };
    },
    stop: async () => closeSync(opened),
  };
}

function mapOf<T>(maps: Maps, name: string): Map<string, T> {
  const map = maps.get(name) ?? new Map();
  maps.set(name, map);
  return map as Map<string, T>;
}

/** A line without a value says that the key is gone. */
const lineOf = (name: string, key: string, ...value: readonly [unknown?]): string =>
  `${JSON.stringify([name, key, ...value])}\n`;

function readLines(file: string): { name: string; key: string; value: unknown }[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const [name, key, value] = JSON.parse(line);
        return [{ name, key, value }];
      } catch {
        return [];
      }
    });
}

/** Anew, without what was changed since. */
function writeAll(file: string, maps: Maps): void {
  const lines = [...maps].flatMap(([name, map]) => [...map].map(([key, value]) => lineOf(name, key, value)));
  writeFileSync(`${file}.new`, lines.join(''), { mode: OWNER_ALONE });
  renameSync(`${file}.new`, file);
}
