import { isIP } from 'node:net';
import * as z from 'zod/mini';
import { type EventType, eventTypes } from '../orders/kinds.ts';
import { isPublicAddress } from '../public-address.ts';
import { isLoopback, nothingElse, parseDocument, text } from './document.ts';

/** An endpoint that is told of events. */
export interface WebhooksConfig {
  /** What is in it beside the host may be secret. */
  readonly url: URL;
  /** The current one, and during a rotation another: what is sent is signed with each. */
  readonly secrets: readonly string[];
  /** Of what it is told; null of everything. */
  readonly events: readonly EventType[] | null;
  /** Whether the stage's is told of tenants' orders too. */
  readonly tenantEvents: boolean;
}

/** Whether endpoints may be on the machine itself, by a variable that no stack sets. */
export const isLoopbackAllowed = ({ WEBHOOK_LOOPBACK }: NodeJS.ProcessEnv = process.env): boolean =>
  WEBHOOK_LOOPBACK === 'allowed';

const PREFIX = 'whsec_';

/** 24 to 64 bytes in base64 (Standard Webhooks, "Signature scheme"), in the one way in which they are written. */
function isSigningSecret(value: string): boolean {
  const encoded = value.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64');
  return value === `${PREFIX}${bytes.toString('base64')}` && bytes.length >= 24 && bytes.length <= 64;
}

const secret = text.check(
  z.refine(isSigningSecret, { error: `must be ${PREFIX} and 24 to 64 bytes in base64` }),
);

const schema = (allowLoopback: boolean, isStage: boolean) =>
  z.catchall(
    z.object({
      url: text.check(
        z.refine((value) => isEndpointAddress(value, allowLoopback), {
          error: 'must be an https address of a public host, without a user or a fragment',
        }),
      ),
      secrets: z
        .array(secret, { error: 'must be a list of secrets' })
        .check(
          z.minLength(1, { error: 'must hold a secret' }),
          z.maxLength(2, { error: 'must hold two secrets at most' }),
        ),
      events: z.optional(
        z
          .array(z.enum(eventTypes, { error: 'must be a type of event' }), {
            error: 'must be a list of types',
          })
          .check(z.minLength(1, { error: 'must hold a type' })),
      ),
      tenant_events: isStage
        ? z.optional(z.boolean({ error: 'must be true or false' }))
        : z.optional(z.undefined({ error: "is of the stage's document alone" })),
    }),
    nothingElse,
  );

/**
 * @param name `webhooks` for the stage's own document, else that of the tenant whose part it is
 * @param allowLoopback whether it may lead to the machine itself: never where anybody else can write the document
 * @throws DocumentError
 */
export function parseWebhooksDocument(
  name: string,
  value: unknown,
  { allowLoopback }: { readonly allowLoopback: boolean },
): WebhooksConfig {
  const document = parseDocument(name, schema(allowLoopback, name === 'webhooks'), value);
  return {
    url: new URL(document.url),
    secrets: document.secrets,
    events: document.events ?? null,
    tenantEvents: document.tenant_events === true,
  };
}

function isEndpointAddress(value: string, allowLoopback: boolean): boolean {
  const url = /^\S{1,2048}$/.test(value) ? URL.parse(value) : null;
  if (!url) return false;
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (isLoopback(value)) return allowLoopback && ['http:', 'https:'].includes(url.protocol);
  const address = url.hostname.replace(/^\[|\]$/g, '');
  return url.protocol === 'https:' && (isIP(address) === 0 || isPublicAddress(address));
}
