import { expect } from 'vitest';
import { type AnnounceContext, createAnnounceContext } from '../../lib/announcements/announce.ts';
import { createTelemetry } from '../../lib/telemetry/telemetry.ts';
import { createStage, type Rehearsal } from './stage.ts';

const addressOf = (key: string) => `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`;

/** A second robot stands in the group before the first one leaves it. */
const robot: Rehearsal = async () => {
  const robots = new Set(['robot-before']);
  type Send = AnnounceContext['send'];
  const stage = await createStage({
    documents: { wecom: { webhook_url: addressOf('robot-before') } },
    start: (documents, io): Send =>
      createAnnounceContext({
        documents,
        io,
        store: { clearWork: async () => {}, replaceWork: async () => {}, parkWork: async () => {} },
        shipping: null,
        telemetry: createTelemetry({ stage: 'rehearsal', function: 'sweep' }, () => {}),
      }).send,
    fetch: async (address) => {
      const key = new URL(String(address)).searchParams.get('key') ?? '';
      return Response.json({ errcode: robots.has(key) ? 0 : 93_000 });
    },
  });
  const announce = async (send: Send) => expect(await send('paid')).toBe(true);

  await stage.live(announce);
  robots.add('robot-after');
  stage.put('wecom', { webhook_url: addressOf('robot-after') });
  await stage.live(announce);
  robots.delete('robot-before');
  await stage.live(announce);
  stage.put('wecom', { webhook_url: addressOf('robot-before') });
  await expect(stage.live(announce)).rejects.toThrow('93000');
};

export const wecomRehearsals: Readonly<Record<string, Rehearsal>> = { 'WeCom robot': robot };
