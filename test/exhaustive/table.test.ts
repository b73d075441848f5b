import { describe, expect, it } from 'vitest';
import type { Change } from '../../lib/orders/change.ts';
import { createProcesses } from './process.ts';
import { handsOver } from './programs.ts';
import { createTables, debtOf, recordsOf } from './table.ts';

const DUE = Date.parse('2026-03-01T01:00:01.000Z');

/** A table with the order that a hand-over makes. */
async function tableWithOrder() {
  const tables = createTables();
  const processes = createProcesses();
  const program = handsOver('created', { expires_at: '2026-03-01T01:00:00.000Z' });
  const reading = await processes.start(program, 0);
  const { waits } = await processes.resume(reading, { text: 'none', value: null }, 0);
  if (waits?.ask !== 'write') throw new Error('a hand-over writes an order');
  const { table } = tables.write(tables.empty, waits.change);
  return { tables, table, creation: waits.change };
}

const closing = (version: number): Change => ({
  order_no: 'mall-1',
  writes: [
    { update: 'order', of: null, set: { status: 'closed' }, expects: { version } },
    { check: 'payment', of: 1, expects: { state: 'open' } },
  ],
});

describe('a table in memory', () => {
  it('refuses to put what is there, and tells what it is', async () => {
    const { tables, table, creation } = await tableWithOrder();
    const { answer, table: after } = tables.write(table, creation);
    expect(after).toBe(table);
    expect(answer).toEqual({ applied: false, refused: [{ order: table.snapshot?.order }] });
  });

  it('writes nothing when one expectation fails, and names each that does', async () => {
    const { tables, table } = await tableWithOrder();
    expect(tables.write(table, closing(1)).answer).toEqual({ applied: false, refused: [null, {}] });
    expect(tables.write(table, closing(2)).answer).toEqual({
      applied: false,
      refused: [{ order: table.snapshot?.order }, {}],
    });
    expect(tables.write(table, closing(1)).table).toBe(table);
  });

  it('raises the version of what it updates, and keeps what that owes unless told otherwise', async () => {
    const { tables, table } = await tableWithOrder();
    const [update] = closing(1).writes;
    const { table: after } = tables.write(table, { order_no: 'mall-1', writes: [update] });
    expect(recordsOf(after, 'order')).toMatchObject([{ version: 2, status: 'closed' }]);
    expect(debtOf(after, 'order')).toEqual({ kind: 'check', due: DUE });
  });

  it('refuses one item twice in a change', async () => {
    const { tables, table } = await tableWithOrder();
    const [update] = closing(1).writes;
    expect(() => tables.write(table, { order_no: 'mall-1', writes: [update, update] })).toThrow('twice');
  });

  it('puts off and clears only what is due when it was seen to be', async () => {
    const { tables, table } = await tableWithOrder();
    const due = new Date(DUE).toISOString();
    const next = '2026-03-01T02:00:00.000Z';
    expect(tables.postpone(table, 'order', next, due).applied).toBe(false);
    const { table: later } = tables.postpone(table, 'order', due, next);
    expect(debtOf(later, 'order')).toEqual({ kind: 'check', due: Date.parse(next) });
    expect(tables.clear(later, 'order', due)).toBe(later);
    expect(debtOf(tables.clear(later, 'order', next), 'order')).toBeNull();
  });
});
