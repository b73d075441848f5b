import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, startBench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

async function send(content: string, url = bench.counterparts.wecom.webhook_url) {
  const body = JSON.stringify({ msgtype: 'markdown', markdown: { content } });
  const response = await fetch(url, { method: 'POST', body });
  const { errcode } = (await response.json()) as { errcode?: number };
  return { status: response.status, errcode };
}

const contents = async () => {
  const { body } = await bench.control('/wecom/messages');
  return (body as { messages: { content: string }[] }).messages.map(({ content }) => content);
};

it('remembers the messages it takes, up to 4096 bytes each and so many a minute', async () => {
  const longest = `${'鞋'.repeat(1365)}!`;
  expect(Buffer.byteLength(longest)).toBe(4096);
  expect(await send(`${longest}!`)).toEqual({ status: 200, errcode: 40058 });
  for (const content of ['**one**', longest, 'three'])
    expect(await send(content)).toEqual({ status: 200, errcode: 0 });
  expect(await send('four')).toEqual({ status: 200, errcode: 45009 });
  bench.clock.ahead_ms += 60_000;
  expect(await send('five')).toEqual({ status: 200, errcode: 0 });
  expect(await contents()).toEqual(['**one**', longest, 'three', 'five']);
});

it('takes nothing with another key, nor what is not markdown', async () => {
  const before = await contents();
  expect(await send('hello', `${bench.url}/wecom/cgi-bin/webhook/send?key=guess`)).toMatchObject({
    errcode: 93000,
  });
  const response = await fetch(bench.counterparts.wecom.webhook_url, {
    method: 'POST',
    body: '{"msgtype":"text"}',
  });
  expect(await response.json()).toMatchObject({ errcode: 40008 });
  expect(await contents()).toEqual(before);
});

it('can be down and up again', async () => {
  bench.clock.ahead_ms += 60_000;
  await bench.control('/wecom/fault', { fault: 'http' });
  expect((await send('lost')).status).toBe(500);
  await bench.control('/wecom/fault', { fault: 'errcode' });
  expect(await send('lost')).toEqual({ status: 200, errcode: -1 });
  await bench.control('/wecom/fault', { fault: null });
  expect(await send('back')).toEqual({ status: 200, errcode: 0 });
  expect((await contents()).at(-1)).toBe('back');
});
