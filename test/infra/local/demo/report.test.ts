import { expect, it } from 'vitest';
import { createReport } from '../../../../infra/local/demo/report.ts';

it('prints what was expected beside what came, and counts what differs', async () => {
  const lines: string[] = [];
  const report = createReport((line) => lines.push(line));
  expect(await report.step('pay', '200', async () => '200')).toBe(true);
  expect(report.differences()).toBe(0);
  expect(await report.step('支付', '200 支付成功', async () => '404')).toBe(false);
  await report.step('pay', '200', async () => {
    throw new Error('connection refused');
  });
  expect(report.differences()).toBe(2);
  expect(lines).toEqual([
    expect.stringMatching(/^✓ pay +expected 200 +came 200$/),
    expect.stringMatching(/^✗ 支付 +expected 200 支付成功 +came 404$/),
    expect.stringMatching(/^✗ pay +expected 200 +came failed: Error: connection refused$/),
  ]);
  const [ascii, chinese] = lines.map((line) => line.indexOf('expected'));
  expect(chinese).toBe(Number(ascii) - 2);
});
