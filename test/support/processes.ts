import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

/** Every process below this one, zombies left out: they have ended and only await their parent. */
export function descendants(pid: number): readonly number[] {
  const all = processes();
  const below = (parent: number): number[] =>
    all.filter((process) => process.parent === parent).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
}

/** Of these processes, the ones that run. */
export function running(pids: readonly number[]): readonly number[] {
  const alive = new Set(processes().map((process) => process.pid));
  return pids.filter((pid) => alive.has(pid));
}

function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)))
    .filter(({ state }) => state !== 'Z' && state !== 'X');
}

function readProcess(pid: number): readonly Process[] {
  try {
    // The name, in parentheses, may hold anything (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return [{ pid, state: fields[0] ?? '', parent: Number(fields[1]) }];
  } catch {
    return [];
  }
}
