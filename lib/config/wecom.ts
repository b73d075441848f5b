import * as z from 'zod/mini';
import { isHttpsOrLoopback, parseDocument, text } from './document.ts';

export interface WecomConfig {
  /** Holds the robot's key: a secret. */
  readonly webhookUrl: URL;
}

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
  const key = URL.parse(value)?.searchParams.get('key') ?? '';
  return key.trim() !== '' && isHttpsOrLoopback(value);
}
