import { describe, expect, it } from 'vitest';
import { createSend } from '../../../lib/announcements/announce.ts';
import { systemIo } from '../../../lib/io.ts';
import { createDocumentStage } from '../../support/merchant-documents.ts';

const MINUTE_MS = 60_000;
const wecom = { webhook_url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=robot-1' };

/** A function that announces, in a stage whose documents can be changed; what robots were sent, by their key. */
function arrange(documents: Readonly<Record<string, unknown>>) {
  const stage = createDocumentStage(documents);
  const sent: string[] = [];
  const fetch: typeof globalThis.fetch = async (address, init) => {
    const key = new URL(String(address)).searchParams.get('key');
    sent.push(`${key}: ${JSON.parse(String(init?.body)).markdown.content}`);
    return Response.json({ errcode: 0 });
  };
  const io = { ...systemIo, now: () => stage.clock.now, fetch };
  return { stage, sent, send: createSend({ documents: stage.parts().documents, io }) };
}

describe('sending to the group', () => {
  it('goes to the robot that the document names', async () => {
    const { send, sent } = arrange({ wecom });
    expect(await send('paid')).toBe(true);
    expect(sent).toEqual(['robot-1: paid']);
  });

  it('goes to nobody in a stage without one, and says so; one that is added is told a minute later', async () => {
    const { stage, send, sent } = arrange({});
    expect(await send('first')).toBe(false);
    stage.put('wecom', wecom);
    stage.clock.now += MINUTE_MS;
    expect(await send('second')).toBe(true);
    expect(sent).toEqual(['robot-1: second']);
    stage.remove('wecom');
    stage.clock.now += 5 * MINUTE_MS;
    expect(await send('third')).toBe(false);
    expect(sent).toHaveLength(1);
    expect(stage.failures).toEqual([]);
  });

  it('fails, and is not taken for told, while the document cannot be read or is refused', async () => {
    const { stage, send } = arrange({ wecom: { webhook_url: 'https://robot.test/' } });
    await expect(send('paid')).rejects.toThrow('webhook_url');
    stage.failing.add('wecom');
    // What was refused is not read again at once.
    await expect(send('paid')).rejects.toThrow('webhook_url');
    stage.clock.now += 15_000;
    await expect(send('paid')).rejects.toThrow('wecom cannot be read');
  });
});
