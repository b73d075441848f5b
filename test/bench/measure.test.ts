import { describe, expect, it } from 'vitest';
import { endpoints } from '../../infra/endpoints.ts';
import { createParties, openTable } from '../support/parties.ts';
import { createInvocations } from './cold-start/invocations.ts';
import { type Figure, meetsGoal } from './figure.ts';
import { alternate, cpuTimePerCallUs, ratioOf, spreadOf } from './measure.ts';
import { toMarkdown } from './report/markdown.ts';
import type { Results } from './report/results.ts';
import { toSvg } from './report/svg.ts';

describe('cold starts', () => {
  it('are measured of every endpoint', async () => {
    const parties = createParties();
    const auth = { issuer: 'i', audience: 'a', hs256_secret: 's'.repeat(32) };
    const table = openTable({ dynamodbEndpoint: 'http://127.0.0.1:1', tableName: 'none' });
    const invocations = await createInvocations(parties, table, auth);
    expect(Object.keys(invocations)).toEqual(expect.arrayContaining(endpoints.map(({ name }) => name)));
  });
});

describe('samples', () => {
  it('are told by their median and quartiles, in whatever order they came', () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
    expect(spreadOf([4, 1])).toEqual({ median: 2.5, low: 1.75, high: 3.25 });
    expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7 });
  });

  it('are compared pair by pair, so that a slow moment slows down both sides', () => {
    expect(ratioOf([2, 20, 6], [1, 10, 2])).toEqual({ median: 2, low: 2, high: 2.5 });
  });

  it('that do not form pairs, or are none, are refused', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow('pairs');
    expect(() => spreadOf([])).toThrow('no samples');
  });

  it('are taken in turn, each round from another contestant on, and those of the warm-up are dropped', async () => {
    const order: string[] = [];
    const take = (name: string) => () => {
      order.push(name);
      return order.length;
    };
    const samples = await alternate({ a: take('a'), b: take('b') }, { rounds: 2, warmUp: 1 });
    expect(order.join('')).toBe('abbaab');
    expect(samples).toEqual({ a: [4, 5], b: [3, 6] });
  });

  it('of CPU time count each call, one after the other', async () => {
    let running = 0;
    let most = 0;
    let calls = 0;
    await cpuTimePerCallUs(5, async () => {
      running += 1;
      calls += 1;
      most = Math.max(most, running);
      await null;
      running -= 1;
    });
    expect([calls, most]).toEqual([5, 1]);
  });
});

const figure: Figure = {
  part: 'cold start',
  subject: 'a & b',
  against: 'c',
  value: 0.5,
  spread: [0.4, 0.6],
  unit: '×',
  goal: { bound: 'at most', limit: 1 },
};

it.each([
  [1, 'at most', 1, true],
  [1.01, 'at most', 1, false],
  [4, 'at least', 4, true],
  [3.99, 'at least', 4, false],
  [1, 'exactly', 1, true],
  [2, 'exactly', 1, false],
] as const)('%d for a goal of %s %d: %s', (value, bound, limit, met) => {
  expect(meetsGoal({ value, goal: { bound, limit } })).toBe(met);
});

describe('results', () => {
  const results: Results = {
    node: 'v24.0.0',
    cpu: 'CPU',
    figures: [figure, { ...figure, subject: 'late', value: 1.5 }, { ...figure, subject: 'size', unit: 'KB' }],
    tables: [{ title: 'More', note: 'How to read it.', columns: ['a|b'], rows: [[1234.5], [3]] }],
  };

  it('are a table of figures, with who missed a goal', () => {
    const markdown = toMarkdown(results);
    expect(markdown).toContain('| cold start | a & b | c | 0.500 × | 0.400 – 0.600 | ≤ 1 × | ✓ |');
    expect(markdown).toContain('| cold start | late | c | 1.50 × | 0.400 – 0.600 | ≤ 1 × | ✗ |');
    expect(markdown).toContain('## More\n\nHow to read it.\n\n| a\\|b |\n| --- |\n| 1,230 |\n| 3 |');
  });

  it('are a plot of the ratios that have a goal', () => {
    const svg = toSvg(results);
    expect(svg).toContain('a &amp; b');
    expect(svg.match(/<rect [^>]*class="met"/g)).toHaveLength(1);
    expect(svg.match(/<rect [^>]*class="missed"/g)).toHaveLength(1);
    expect(svg).not.toContain(': size');
  });
});
