import * as z from 'zod/mini';
import { type Answer, type Call, type Handler, json, parseJson } from './http.ts';

export interface WecomMessage {
  readonly at: string;
  /** Markdown. */
  readonly content: string;
}

/** `http`: answers 500. `errcode`: answers 200 with an errcode. Null: works. */
export type WecomFault = 'http' | 'errcode' | null;

export interface Wecom {
  readonly handle: Handler;
  /** What the group has received, oldest first. */
  messages(): readonly WecomMessage[];
  fault(): WecomFault;
  setFault(fault: WecomFault): void;
}

const MAX_CONTENT_BYTES = 4096;
const KEPT = 1_000;
const MINUTE_MS = 60_000;

const markdown = z.object({ msgtype: z.literal('markdown'), markdown: z.object({ content: z.string() }) });

/** A WeCom group robot, which takes `messagesPerMinute` (developer.work.weixin.qq.com, "群机器人配置说明"). */
export function createWecom(
  webhookUrl: string,
  { now, messagesPerMinute }: { now: () => number; messagesPerMinute: number },
): Wecom {
  const key = new URL(webhookUrl).searchParams.get('key');
  const received: WecomMessage[] = [];
  let fault: WecomFault = null;

  function send(call: Call): Answer {
    if (call.query.get('key') !== key) return reply(93000, 'invalid webhook url');
    const { data } = markdown.safeParse(parseJson(call.body));
    if (!data) return reply(40008, 'invalid message type');
    const { content } = data.markdown;
    if (content === '') return reply(44004, 'empty content');
    if (Buffer.byteLength(content) > MAX_CONTENT_BYTES) {
      return reply(40058, `markdown.content exceed max length ${MAX_CONTENT_BYTES}`);
    }
    const lately = received.filter(({ at }) => Date.parse(at) > now() - MINUTE_MS);
    if (lately.length >= messagesPerMinute) return reply(45009, 'api freq out of limit');
    received.push({ at: new Date(now()).toISOString(), content });
    if (received.length > KEPT) received.shift();
    return reply(0, 'ok');
  }

  return {
    handle(call) {
      if (call.method !== 'POST' || call.path !== '/cgi-bin/webhook/send')
        return json(404, { error: 'not found' });
      if (fault === 'http') return json(500, {});
      return fault === 'errcode' ? reply(-1, 'system busy') : send(call);
    },
    messages: () => [...received],
    fault: () => fault,
    setFault(next) {
      fault = next;
    },
  };
}

const reply = (errcode: number, errmsg: string): Answer => json(200, { errcode, errmsg });
