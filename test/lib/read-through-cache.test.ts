import { describe, expect, it } from 'vitest';
import { createReadThroughCache, RETRY_MS } from '../../lib/read-through-cache.ts';

/** Something elsewhere, whose readings end when they are told to. */
function arrange(isLasting?: (error: unknown) => boolean) {
  const clock = { now: 1_000 };
  const failures: unknown[] = [];
  const readings: { give: (value: string) => void; fail: (error: Error) => void; held: unknown }[] = [];
  const read = createReadThroughCache<string>({
    read: (held) =>
      new Promise((resolve, reject) => {
        const give = (value: string) => resolve({ value, lasts_ms: 60_000 });
        readings.push({ give, fail: reject, held });
      }),
    now: () => clock.now,
    onFailure: (error) => failures.push(error),
    ...(isLasting && { isLasting }),
  });
  const answer = async (index: number, value: string | Error) => {
    await expect.poll(() => readings.length).toBeGreaterThan(index);
    const reading = readings[index];
    if (value instanceof Error) reading?.fail(value);
    else reading?.give(value);
  };
  return { clock, failures, readings, read, answer };
}

describe('what is read through a cache', () => {
  it('is as old as the beginning of its reading', async () => {
    const { clock, readings, read, answer } = arrange();
    const first = read();
    clock.now = 5_000;
    await answer(0, 'one');
    expect(await first).toBe('one');
    expect(await read(1_000)).toBe('one');
    const second = read(1_001);
    await answer(1, 'two');
    expect(await second).toBe('two');
    expect(readings.map(({ held }) => held)).toEqual([undefined, 'one']);
  });

  it('is not that of a reading under way that began before it is wanted from', async () => {
    const { clock, readings, read, answer } = arrange();
    const older = read();
    clock.now = 2_000;
    const newer = read(2_000);
    await answer(0, 'before');
    await answer(1, 'after');
    expect(await older).toBe('before');
    expect(await newer).toBe('after');
    expect(readings).toHaveLength(2);
  });

  it('is read for who wants it newer than a reading under way, also when that fails', async () => {
    const { clock, read, answer } = arrange();
    const first = read();
    await answer(0, 'one');
    await first;
    clock.now = 2_000;
    const older = read(2_000);
    clock.now = 3_000;
    const newer = read(3_000);
    await answer(1, new Error('away'));
    await answer(2, 'two');
    await expect(older).rejects.toThrow('away');
    expect(await newer).toBe('two');
  });

  it('is given while it lasts though a reading fails, but not to who wants it newer', async () => {
    const { clock, failures, read, answer } = arrange();
    const first = read();
    await answer(0, 'one');
    await first;
    clock.now += 60_000;
    const [usual, newer] = [read(), read(clock.now)];
    await answer(1, new Error('away'));
    expect(await usual).toBe('one');
    await expect(newer).rejects.toThrow('away');
    expect(failures).toEqual([new Error('away')]);
    clock.now += RETRY_MS - 1;
    expect(await read()).toBe('one');
    clock.now += 1;
    const third = read();
    await answer(2, 'two');
    expect(await third).toBe('two');
  });

  it('that there was never any of fails who asks, who asks again at once unless it would fail alike', async () => {
    const { clock, readings, read, answer } = arrange((error) => String(error).includes('refused'));
    for (const [index, reason] of ['away', 'refused'].entries()) {
      const asked = read();
      await answer(index, new Error(reason));
      await expect(asked).rejects.toThrow(reason);
    }
    await expect(read()).rejects.toThrow('refused');
    expect(readings).toHaveLength(2);
    clock.now += RETRY_MS;
    const asked = read();
    await answer(2, 'one');
    expect(await asked).toBe('one');
  });
});
