import type { Surroundings } from '../surroundings.ts';
import type { WireAnswer, WireRequest } from '../wire.ts';
import { json } from '../wire.ts';

/** WeCom's group robot: markdown up to 4096 bytes, 20 messages a minute, errors with HTTP 200. */

export const wecomHosts = ['qyapi.weixin.qq.com'];

export interface Told {
  readonly time: number;
  readonly content: string;
}

export interface Wecom {
  readonly handle: (request: WireRequest) => WireAnswer;
  /** What the group has read. */
  readonly messages: readonly Told[];
}

const PER_MINUTE = 20;
const LONGEST_BYTES = 4096;

export function createWecom({ clock, faults, marks }: Surroundings, key: string): Wecom {
  const messages: Told[] = [];
  const refuse = (errcode: number, errmsg: string) => json(200, { errcode, errmsg });
  return {
    messages,
    handle({ method, url, body }) {
      if (method !== 'POST' || url.pathname !== '/cgi-bin/webhook/send') return json(404, {});
      if (url.searchParams.get('key') !== key) return refuse(93000, 'invalid webhook url');
      if (faults.happens('wecom_refuses')) return refuse(-1, 'system busy');
      const { msgtype, markdown } = JSON.parse(body) as { msgtype: string; markdown?: { content?: unknown } };
      const content = markdown?.content;
      if (msgtype !== 'markdown' || typeof content !== 'string' || content === '')
        return refuse(40008, 'invalid message type');
      if (Buffer.byteLength(content) > LONGEST_BYTES)
        return refuse(40058, 'markdown.content exceed max length 4096');
      const recent = messages.filter(({ time }) => time > clock.now() - 60_000);
      if (recent.length >= PER_MINUTE) {
        marks.take('wecom_too_fast');
        return refuse(45009, 'api freq out of limit');
      }
      messages.push({ time: clock.now(), content });
      return json(200, { errcode: 0, errmsg: 'ok' });
    },
  };
}
