import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { createStoreContext, type StoreContext } from '../../../lib/store/client.ts';
import { writeConditionally } from '../../../lib/store/conditional-write.ts';
import { DEADLINE_MS, withRetries } from '../../../lib/store/retry.ts';

/** A clock that only sleeping moves. */
function virtualIo() {
  let time = 0;
  return {
    now: () => time,
    sleep: async (duration_ms: number) => {
      time += duration_ms;
    },
    randomBytes: (size: number) => Buffer.alloc(size, 0x80),
  };
}

const namedError = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

const cancelled = (codes: string[], item?: Record<string, unknown>) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: codes.map((Code, index) => ({
      Code,
      ...(item && index === 0 ? { Item: marshall(item) } : {}),
    })),
  });

/** Fails with each of the errors in turn, then succeeds. */
function failing(...errors: unknown[]) {
  let calls = 0;
  return {
    calls: () => calls,
    operation: async () => {
      const error = errors[calls++];
      if (error !== undefined) throw error;
      return 'done';
    },
  };
}

describe('withRetries', () => {
  it.each([
    namedError('ThrottlingException'),
    namedError('ProvisionedThroughputExceededException'),
    namedError('TransactionConflictException'),
    namedError('TransactionInProgressException'),
    namedError('InternalServerError', 500),
    Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
    namedError('TimeoutError', 0),
    cancelled(['TransactionConflict', 'None']),
    cancelled(['None', 'ThrottlingError']),
    cancelled(['ProvisionedThroughputExceeded', 'None']),
    namedError('RequestLimitExceeded'),
    cancelled(['ConditionalCheckFailed', 'TransactionConflict']),
  ])('tries again after a passing failure: %s', async (error) => {
    const { operation, calls } = failing(error, error);
    expect(await withRetries(virtualIo(), operation)).toBe('done');
    expect(calls()).toBe(3);
  });

  it.each([
    namedError('ConditionalCheckFailedException'),
    namedError('ValidationException'),
    namedError('AccessDeniedException'),
    cancelled(['ConditionalCheckFailed', 'None']),
    cancelled(['ValidationError', 'None']),
  ])('does not try again what would fail again: %s', async (error) => {
    const { operation, calls } = failing(error);
    await expect(withRetries(virtualIo(), operation)).rejects.toBe(error);
    expect(calls()).toBe(1);
  });

  it('gives up before the deadline and says why', async () => {
    const io = virtualIo();
    const error = namedError('ThrottlingException');
    const { operation, calls } = failing(...Array.from({ length: 1_000 }, () => error));
    await expect(withRetries(io, operation)).rejects.toBe(error);
    expect(io.now()).toBeLessThan(DEADLINE_MS);
    expect(calls()).toBeLessThan(50);
  });

  it('waits longer each time, up to half a second', async () => {
    const pauses: number[] = [];
    const io = virtualIo();
    const sleep = (duration_ms: number) => {
      pauses.push(duration_ms);
      return io.sleep(duration_ms);
    };
    const { operation } = failing(...Array.from({ length: 8 }, () => namedError('ThrottlingException')));
    await withRetries({ ...io, sleep }, operation);
    // Half of what is at most waited, as chance has it here.
    expect(pauses).toEqual([10, 20, 40, 80, 160, 250, 250, 250]);
  });

  it('does not wait until the deadline itself, when there is no time left to ask', async () => {
    const error = namedError('ThrottlingException');
    const { operation, calls } = failing(error, error, error);
    await expect(withRetries({ ...virtualIo(), deadline: 30 }, operation)).rejects.toBe(error);
    expect(calls()).toBe(2);
  });

  it('keeps to a deadline that several operations share', async () => {
    const error = namedError('ThrottlingException');
    const always = () => Promise.reject(error);
    const io = { ...virtualIo(), deadline: 500 };
    await expect(withRetries(io, always)).rejects.toBe(error);
    const spent = io.now();
    await expect(withRetries(io, always)).rejects.toBe(error);
    expect(spent).toBeGreaterThan(100);
    expect(io.now()).toBeLessThan(500);
  });

  it('hands every call a signal that ends it at the deadline', async () => {
    const remaining_ms = 15;
    const times = [0, DEADLINE_MS - remaining_ms];
    const late = { ...virtualIo(), now: () => times.shift() ?? DEADLINE_MS };
    const hang = (signal: AbortSignal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await expect(withRetries(late, hang)).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

it('a call has all the time that is left, and a moment where none is', async () => {
  const given = vi.spyOn(AbortSignal, 'timeout');
  await withRetries({ ...virtualIo(), deadline: 700 }, failing().operation);
  await withRetries({ ...virtualIo(), deadline: -5 }, failing().operation);
  expect(given.mock.calls).toEqual([[700], [1]]);
});

it('a write that takes place is no refusal', async () => {
  const context = createStoreContext('settle-test', virtualIo());
  expect(await writeConditionally(context, failing().operation)).toEqual({ applied: true });
});

describe('a refused write', () => {
  const context = { io: virtualIo() } as unknown as StoreContext;
  const write = (error: unknown) => writeConditionally(context, failing(error, error, error).operation);

  it('hands back, part by part, the item whose condition failed', async () => {
    const answer = await write(cancelled(['ConditionalCheckFailed', 'None'], { pk: 'a', amount: 5 }));
    expect(answer).toEqual({ applied: false, refused: [{ item: { pk: 'a', amount: 5 } }, null] });
  });

  it('takes a part without a code for one whose condition held', async () => {
    const error = cancelled(['ConditionalCheckFailed', ''], { pk: 'a' });
    Object.assign(error, { CancellationReasons: [error.CancellationReasons?.[0], {}] });
    expect(await write(error)).toEqual({ applied: false, refused: [{ item: { pk: 'a' } }, null] });
  });

  it('tells that there is no item', async () => {
    expect(await write(cancelled(['None', 'ConditionalCheckFailed']))).toEqual({
      applied: false,
      refused: [null, { item: undefined }],
    });
    expect(await write(cancelled(['ConditionalCheckFailed'], {}))).toEqual({
      applied: false,
      refused: [{ item: undefined }],
    });
  });

  it('of one item hands it back too', async () => {
    const failed = namedError('ConditionalCheckFailedException');
    const refusal = Object.assign(failed, { Item: marshall({ pk: 'a', state: 'paid' }) });
    expect(await write(refusal)).toEqual({ applied: false, refused: [{ item: { pk: 'a', state: 'paid' } }] });
    const absent = namedError('ConditionalCheckFailedException');
    expect(await write(absent)).toEqual({ applied: false, refused: [{ item: undefined }] });
  });

  it.each([
    [['ConditionalCheckFailed', 'ItemCollectionSizeLimitExceeded']],
    [['ConditionalCheckFailed', 'ValidationError']],
    [['ItemCollectionSizeLimitExceeded', 'None']],
    [['DuplicateItem', 'None']],
    [['AccessDenied', 'ConditionalCheckFailed']],
  ])('for another reason is never taken for an answer: %j', async (codes) => {
    const error = cancelled(codes, { state: 'paid' });
    await expect(write(error)).rejects.toMatchObject({ name: 'UnexpectedRefusalError' });
  });

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'that keeps meeting %s is a failure, also when a condition failed with it',
    async (code) => {
      for (const codes of [
        [code, 'None'],
        ['ConditionalCheckFailed', code],
      ]) {
        const always = () => Promise.reject(cancelled(codes, { state: 'paid' }));
        const io = virtualIo();
        const answer = writeConditionally({ io } as unknown as StoreContext, always);
        await expect(answer).rejects.toMatchObject({ name: 'UnexpectedRefusalError' });
        expect(io.now()).toBeLessThan(DEADLINE_MS);
      }
    },
  );

  it('for a reason that is no condition’s is what it was', async () => {
    const error = namedError('ValidationException');
    await expect(write(error)).rejects.toBe(error);
  });
});
