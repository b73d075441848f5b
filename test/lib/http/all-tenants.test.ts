import { describe, expect, it } from 'vitest';
import { createTokenSigner } from '../../../infra/operate/token/sign-token.ts';
import { createTokenVerifierLoader } from '../../../lib/http/token.ts';
import { systemIo } from '../../../lib/io.ts';

const auth = { issuer: 'login', audience: 'settle', hs256_secret: 's'.repeat(32) };

/** What a token with these claims comes to. */
async function verify(claims: Record<string, string | number | boolean>, document: object) {
  const documents = {
    read: async () => JSON.stringify(document),
    onFailure: (_name: string, error: unknown) => {
      throw error;
    },
  };
  const token = await createTokenSigner(auth)?.('somebody', claims, '1 hour');
  return (await createTokenVerifierLoader(documents, systemIo)())(`Bearer ${token}`);
}

describe('a stage whose tokens must say so where they reach all tenants', () => {
  const document = { ...auth, all_tenants_claim: true };

  it.each(['admin', 'viewer'])('refuses an %s that names neither a tenant nor all', async (role) => {
    for (const claims of [{ role }, { role, all_tenants: false }]) {
      await expect(verify(claims, document)).rejects.toMatchObject({ statusCode: 403, word: 'forbidden' });
    }
  });

  it.each([
    [{ role: 'admin', all_tenants: true }, undefined],
    [{ role: 'viewer', tenant_id: 7 }, 7],
    // Whoever names one has no more than that one.
    [{ role: 'admin', tenant_id: 7, all_tenants: true }, 7],
    [{ role: 'user' }, undefined],
  ])('takes %j', async (claims, tenant_id) => {
    expect(await verify(claims, document)).toEqual({ sub: 'somebody', role: claims.role, tenant_id });
  });
});

it('elsewhere who names no tenant reaches all', async () => {
  expect(await verify({ role: 'admin' }, auth)).toEqual({ sub: 'somebody', role: 'admin' });
});
