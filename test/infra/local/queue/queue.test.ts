import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeptState, openState } from '../../../../infra/local/kept-state.ts';
import { createQueue, keptQueue, type LocalQueue } from '../../../../infra/local/queue/queue.ts';
import { createTemporaryDirectory } from '../../../support/temporary-directory.ts';

let now: number;
let queue: LocalQueue;

const settings = { visibilityTimeoutMs: 100, maxReceiveCount: 2 };

beforeEach(() => {
  now = 1_000;
  queue = createQueue(settings, () => now);
});

const bodies = (most = 10) => queue.receive(most).map(({ body }) => body);

describe('a queue', () => {
  it('gives each message to one receiver, with what is known of it', () => {
    const { id } = queue.send('one', 0);
    now = 1_005;
    const [message] = queue.receive(1);
    expect(message).toMatchObject({ id, body: 'one', receives: 1, sentAt: 1_000, firstReceivedAt: 1_005 });
    // Of "one", by md5sum.
    expect(message?.md5).toBe('f97c5d29941bfb1b2fdab0874906ab82');
    expect(bodies()).toEqual([]);
  });

  it('gives no more than are asked for', () => {
    for (const body of ['one', 'two', 'three']) queue.send(body, 0);
    expect([bodies(2), bodies(2)]).toEqual([['one', 'two'], ['three']]);
  });

  it('gives a message again once its visibility timeout is over', () => {
    queue.send('one', 0);
    queue.receive(1);
    now += 99;
    expect(bodies()).toEqual([]);
    now += 1;
    expect(queue.receive(1)).toMatchObject([{ body: 'one', receives: 2, firstReceivedAt: 1_000 }]);
  });

  it('forgets what is removed, and nothing by a handle of before', () => {
    queue.send('one', 0);
    const [first] = queue.receive(1);
    now += 100;
    const [second] = queue.receive(1);
    queue.remove(first?.receiptHandle ?? '');
    expect(queue.counts().inFlight).toBe(1);
    queue.remove(second?.receiptHandle ?? '');
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('sets aside what was received as often as it may be', () => {
    queue.send('one', 0);
    for (let time = 0; time < 2; time++) {
      expect(bodies()).toEqual(['one']);
      expect(queue.deadLetters()).toEqual([]);
      now += 100;
    }
    expect(bodies()).toEqual([]);
    expect(queue.deadLetters()).toMatchObject([{ body: 'one', receives: 2 }]);
  });

  it('puts off what is sent with a delay, and counts it apart', () => {
    queue.send('one', 50);
    queue.send('two', 0);
    queue.send('three', 0);
    expect(bodies(1)).toEqual(['two']);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
    now += 50;
    expect(bodies()).toEqual(['one', 'three']);
  });

  it('names the group of each message, and lets the one go first that has the fewest in flight', () => {
    for (const body of ['a1', 'a2', 'a3']) queue.send(body, 0, 'a');
    expect(bodies(2)).toEqual(['a1', 'a2']);
    for (const body of ['b1', 'b2', 'b3']) queue.send(body, 0, 'b');
    queue.send('none', 0);
    expect(queue.receive(4).map(({ groupId, body }) => [groupId, body])).toEqual([
      ['b', 'b1'],
      [null, 'none'],
      ['b', 'b2'],
      ['a', 'a3'],
    ]);
    expect(bodies()).toEqual(['b3']);
  });

  it('counts nothing against a group that is only put off, or done with', () => {
    queue.send('later', 50, 'a');
    queue.send('a1', 0, 'a');
    for (const { receiptHandle } of queue.receive(1)) queue.remove(receiptHandle);
    for (const group of ['a', 'b']) queue.send(`${group}2`, 0, group);
    expect(bodies()).toEqual(['a2', 'b2']);
  });
});

describe('a queue that is kept', () => {
  let directory: ReturnType<typeof createTemporaryDirectory>;
  let states: KeptState[];
  beforeEach(() => {
    directory = createTemporaryDirectory('settle-queue-');
    states = [];
  });
  afterEach(async () => {
    for (const state of states) await state.stop();
    directory.remove();
  });

  /** As after a restart, whatever ended the process of before. */
  function open(name = 'deliveries'): LocalQueue {
    const state = openState(join(directory.path, 'state'));
    states.push(state);
    return createQueue(settings, () => now, keptQueue(state, name));
  }

  it('has all that was sent and not removed, in its order and with its group', () => {
    const before = open();
    for (const body of ['one', 'two', 'three']) before.send(body, 0, 'a');
    before.send('later', 50);
    for (const { receiptHandle } of before.receive(1)) before.remove(receiptHandle);
    const after = open();
    expect(after.receive(10)).toMatchObject([
      { body: 'two', groupId: 'a', receives: 1, sentAt: 1_000 },
      { body: 'three', groupId: 'a' },
    ]);
    expect(after.counts().delayed).toBe(1);
    expect(open('reconciliation').receive(10)).toEqual([]);
  });

  it('gives at once what was being worked on, and counts that time', () => {
    const before = open();
    before.send('one', 0);
    before.receive(1);
    now += 10;
    expect(open().receive(1)).toMatchObject([{ body: 'one', receives: 2, firstReceivedAt: 1_000 }]);
  });

  it('keeps what was set aside', () => {
    const before = open();
    before.send('one', 0);
    for (let time = 0; time < 3; time++) {
      before.receive(1);
      now += 100;
    }
    const after = open();
    expect(after.deadLetters()).toMatchObject([{ body: 'one', receives: 2 }]);
    expect(after.receive(1)).toEqual([]);
  });
});
