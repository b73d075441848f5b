import { setImmediate as nextTurn } from 'node:timers/promises';

/** The middle of a set of samples, and its quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @throws Error when there are no samples */
export function spreadOf(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new Error('no samples');
  const sorted = samples.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** Interpolates between the two samples next to it. */
function quantile(sorted: readonly number[], fraction: number): number {
  const position = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * What one costs over what the other does: the spread of the ratios of samples taken side by side, so that what
 * slows the machine down for a while slows down both sides of a pair.
 * @throws Error when the samples do not form pairs
 */
export function ratioOf(subject: readonly number[], against: readonly number[]): Spread {
  if (subject.length !== against.length) throw new Error('samples do not form pairs');
  return spreadOf(subject.map((sample, round) => sample / (against[round] ?? Number.NaN)));
}

/**
 * Takes one sample of each contestant in every round. Each round begins with another contestant, so that none
 * always has the same neighbour before it.
 * @param warmUp rounds whose samples are thrown away
 */
export async function alternate<Name extends string, Sample>(
  contestants: Readonly<Record<Name, () => Sample | Promise<Sample>>>,
  { rounds, warmUp = 1 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<Record<Name, Sample[]>> {
  const entries = Object.entries(contestants) as [Name, () => Sample | Promise<Sample>][];
  const samples = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<
    Name,
    Sample[]
  >;
  for (let round = -warmUp; round < rounds; round += 1) {
    const first = (round + warmUp) % entries.length;
    for (const [name, sample] of [...entries.slice(first), ...entries.slice(0, first)]) {
      // In between, the process hears whether it is to end.
      await nextTurn();
      const value = await sample();
      if (round >= 0) samples[name].push(value);
    }
  }
  return samples;
}

/** CPU time of this process so far, its threads and the kernel's work for it included, in microseconds. */
function cpuTimeUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * CPU time of one call, in microseconds: that of a whole batch, one call after the other, over its size. Choose
 * batches of at least 20 ms, as the kernel counts in coarse steps. No garbage is collected before it: that would throw
 * away the hidden classes which compiled code rests on, and a function that is warm has few full collections.
 */
export async function cpuTimePerCallUs(calls: number, operation: () => unknown): Promise<number> {
  const before = cpuTimeUs();
  for (let call = 0; call < calls; call += 1) {
    const result = operation();
    if (result instanceof Promise) await result;
  }
  return (cpuTimeUs() - before) / calls;
}
