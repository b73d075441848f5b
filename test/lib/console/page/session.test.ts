import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { readSession } from '../../../../lib/console/page/session.ts';

const tokenOf = (claims: Record<string, unknown>) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from('x'.repeat(32)));

describe('what a token says of its bearer', () => {
  it.each([
    [
      { sub: '张三', role: 'admin' },
      { sub: '张三', role: 'admin', tenant_id: null, mayAct: true },
    ],
    [
      { sub: 'b', role: 'viewer' },
      { sub: 'b', role: 'viewer', tenant_id: null, mayAct: false },
    ],
    [
      { sub: 'c', role: 'admin', tenant_id: 7 },
      { sub: 'c', role: 'admin', tenant_id: 7, mayAct: true },
    ],
    [{ role: ['admin'] }, { sub: '', role: '', tenant_id: null, mayAct: false }],
  ])('%o', async (claims, said) => {
    const token = await tokenOf(claims);
    expect(readSession(token)).toEqual({ token, ...said });
  });

  it.each(['', 'secret', 'a.b', 'a.b.c', 'a.bnVsbA.c', '<script>.e30.x'])('is nothing of %j', (token) => {
    expect(readSession(token)).toBeNull();
  });
});
