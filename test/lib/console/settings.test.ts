import { describe, expect, it } from 'vitest';
import { readConsoleSettings } from '../../../lib/console/settings.ts';

describe('the settings of the console', () => {
  it('are the stage alone where nothing else is said', () => {
    expect(readConsoleSettings({ STAGE: 'prod' })).toEqual({ stage: 'prod', signIn: null, laboratory: null });
  });

  it('are where its people sign in, under the scope that every provider knows unless another is named', () => {
    const variables = {
      STAGE: 'prod',
      SIGN_IN_ISSUER: 'https://login.example.com',
      SIGN_IN_CLIENT_ID: 'console',
    };
    const signIn = { issuer: 'https://login.example.com', clientId: 'console', scope: 'openid', origins: [] };
    expect(readConsoleSettings(variables).signIn).toEqual(signIn);
    const origins = 'https://keys.example.com,https://tokens.example.com';
    expect(
      readConsoleSettings({ ...variables, SIGN_IN_SCOPE: 'openid pay', SIGN_IN_ORIGINS: origins }).signIn,
    ).toEqual({ ...signIn, scope: 'openid pay', origins: origins.split(',') });
  });

  it.each([
    [{}, 'STAGE'],
    [{ STAGE: 'prod', SIGN_IN_ISSUER: 'https://login.example.com' }, 'SIGN_IN_CLIENT_ID'],
  ])('cannot be %j', (variables, missing) => {
    expect(() => readConsoleSettings(variables)).toThrow(`environment variable ${missing} is missing`);
  });
});
