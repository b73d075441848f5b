import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alipayRehearsals } from './alipay.ts';
import { loginRehearsals } from './login.ts';
import { stripeRehearsals } from './stripe.ts';
import { webhookRehearsals } from './webhooks.ts';
import { wechatRehearsals } from './wechat.ts';
import { wecomRehearsals } from './wecom.ts';

const rehearsals = {
  ...wechatRehearsals,
  ...alipayRehearsals,
  ...stripeRehearsals,
  ...loginRehearsals,
  ...wecomRehearsals,
  ...webhookRehearsals,
};

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const [, chapter = ''] = runbook.split(/^## Rotating keys$/m);
const sections = Array.from((chapter.split(/^## /m)[0] ?? '').matchAll(/^### (.+)$/gm), ([, title]) => title);

describe('rotating keys', () => {
  it('is rehearsed for each section of the runbook, and each rehearsal has its section', () => {
    expect(Object.keys(rehearsals)).toEqual(sections);
  });

  it.each(Object.entries(rehearsals))(
    '%s: no payment fails, and in the end the old key is refused',
    async (_, rehearse) => {
      await rehearse();
    },
  );
});
