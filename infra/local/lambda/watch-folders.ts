import { type FSWatcher, watch } from 'node:fs';

/** An editor writes a file in several steps. */
const GATHER_MS = 50;

export interface FolderWatch {
  /** @returns whether one of them was not watched before */
  add(folders: Iterable<string>): boolean;
  stop(): void;
}

/** Calls `changed` when something has changed in one of the folders, once for what comes together. */
export function watchFolders(changed: () => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  const gather = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, GATHER_MS);
  };
  const begin = (folder: string) => {
    const watcher = watch(folder, gather);
    // It was taken away.
    watcher.on('error', () => watchers.delete(folder));
    watchers.set(folder, watcher);
  };
  return {
    add(folders) {
      const fresh = [...new Set(folders)].filter((folder) => !watchers.has(folder));
      fresh.forEach(begin);
      return fresh.length > 0;
    },
    stop() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
