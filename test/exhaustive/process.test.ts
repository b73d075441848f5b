import { describe, expect, it } from 'vitest';
import { createProcesses, type Program } from './process.ts';

const adds: Program = {
  name: 'adds',
  run: async ({ ask, now }) => {
    const one = await ask<number>({ ask: 'read', order_no: 'one' });
    const other = await ask<number>({ ask: 'read', order_no: 'other' });
    return [one + other, now()];
  },
};

describe('a process', () => {
  it('goes from one request to the next, and ends', async () => {
    const processes = createProcesses();
    const first = await processes.start(adds, 10);
    expect(first.waits).toEqual({ ask: 'read', order_no: 'one' });
    const second = await processes.resume(first, { text: '1', value: 1 }, 20);
    expect(second.waits).toEqual({ ask: 'read', order_no: 'other' });
    const last = await processes.resume(second, { text: '2', value: 2 }, 30);
    expect(last.end).toEqual({ result: [3, 30] });
  });

  it('is run once for each history', async () => {
    const processes = createProcesses();
    const first = await processes.start(adds, 10);
    const second = await processes.resume(first, { text: '1', value: 1 }, 20);
    const runs = processes.runs();
    expect(processes.start(adds, 10)).toBe(first);
    expect(processes.resume(first, { text: '1', value: 1 }, 20)).toBe(second);
    expect(processes.runs()).toBe(runs);
    expect(await processes.resume(first, { text: '1', value: 1 }, 21)).not.toBe(second);
  });

  it('ends with what a failure of its request comes to', async () => {
    const processes = createProcesses();
    const first = await processes.start(adds, 10);
    const error = new Error('lost');
    expect((await processes.resume(first, { text: 'lost', error }, 20)).end).toEqual({ error });
  });

  it('may wait for nothing but the world', async () => {
    const waits: Program = { name: 'waits', run: () => new Promise(() => {}) };
    await expect(async () => createProcesses().start(waits, 0)).rejects.toThrow('did not ask of the world');
  });

  it('may not ask for two things at once', async () => {
    const asksTwice: Program = {
      name: 'asks twice',
      run: ({ ask }) =>
        Promise.all([ask({ ask: 'read', order_no: 'one' }), ask({ ask: 'read', order_no: 'other' })]),
    };
    await expect(async () => createProcesses().start(asksTwice, 0)).rejects.toThrow('two things at once');
  });

  it('must do the same again', async () => {
    let runs = 0;
    const changes: Program = {
      name: 'changes',
      run: async ({ ask }) => {
        runs += 1;
        if (runs > 1) return;
        await ask({ ask: 'read', order_no: 'one' });
      },
    };
    const processes = createProcesses();
    const first = await processes.start(changes, 0);
    await expect(async () => processes.resume(first, { text: '1', value: 1 }, 0)).rejects.toThrow(
      'does not do the same again',
    );
  });
});
