import { describe, expect, it } from 'vitest';
import { functions } from '../../../infra/endpoints.ts';
import { functionEnvironment } from '../../../infra/local/function-environment.ts';
import { readEnvironment } from '../../../lib/config/environment.ts';

const addresses = {
  publicUrl: 'http://127.0.0.1:3000',
  dynamodbEndpoint: 'http://127.0.0.1:1',
  secretsManagerEndpoint: 'http://127.0.0.1:2',
  queueUrl: 'http://127.0.0.1:3/days',
  tableName: 'settle-local',
  stage: 'local',
};

/** As the function of this name reads it. */
function environmentOf(name: string) {
  const definition = functions.find((candidate) => candidate.name === name);
  if (!definition) throw new Error(`no function named ${name}`);
  return readEnvironment(functionEnvironment(definition, addresses));
}

describe('a local function', () => {
  it('that checks out lets a payer come back to this machine alone', () => {
    expect(environmentOf('checkout').returnHosts).toEqual(['127.0.0.1', 'localhost']);
  });

  it('that looks after paid orders tells WeChat of them within a day, and of meals by itself', () => {
    expect(environmentOf('sweep').shipping).toEqual({ withinHours: 24, mealPickup: true });
  });

  it('is told nothing that it has no use for', () => {
    expect(environmentOf('get-order')).toMatchObject({ returnHosts: [], shipping: null });
  });
});
