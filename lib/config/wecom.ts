import * as z from 'zod/mini';
import { parseDocument, text } from './document.ts';

export interface WecomConfig {
  /** Holds the robot's key: a secret. */
  readonly webhookUrl: URL;
}

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

const schema = z.object({
  webhook_url: text.check(
    z.refine(isWebhookAddress, { error: 'must be an https address with a key (http on loopback only)' }),
  ),
});

/** @throws DocumentError */
export function parseWecomDocument(value: unknown): WecomConfig {
  return { webhookUrl: new URL(parseDocument('wecom', schema, value).webhook_url) };
}

function isWebhookAddress(value: string): boolean {
  const url = URL.parse(value);
  if (!url?.searchParams.get('key')?.trim()) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.includes(url.hostname));
}
