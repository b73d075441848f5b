import { describe, expect, it } from 'vitest';
import { functions, inStack } from '../../../infra/endpoints.ts';
import type { Template } from '../../../infra/stacks/template.ts';
import { allowedIn, policyDocumentsIn, statementsOf } from './permissions.ts';
import { chinaStage, fullStage, testStage } from './stage.ts';
import { synthesizeWithWebhooks } from './webhooks-template.ts';

const keyIn = (region: string, partition = 'aws') =>
  `arn:${partition}:kms:${region}:123456789012:key/1b4d1b4d-1b4d`;

const decrypting = (template: Template) =>
  policyDocumentsIn(template)
    .flatMap(({ document }) => statementsOf(document))
    .filter(({ Action }) => [Action].flat().includes('kms:Decrypt'));

describe('documents under a key of the stage', () => {
  const key = keyIn('eu-central-1');
  const { service, webhooks } = synthesizeWithWebhooks({ ...fullStage, secretsKey: key });

  it('who reads documents may decrypt with it, and who reads none may not', () => {
    for (const [template, stack] of [[service], [webhooks, 'webhooks']] as const) {
      const allowed = inStack(functions, stack)
        .filter((line) => template && allowedIn(template, line).includes(`Allow kms:Decrypt ${key}`))
        .map(({ name }) => name);
      const readers = inStack(functions, stack).filter(({ documents }) => documents.length > 0);
      expect(allowed).toEqual(readers.map(({ name }) => name));
    }
  });

  it('and only what Secrets Manager keeps', () => {
    const conditions = decrypting(service).map(({ Condition }) => Condition);
    expect(conditions.length).toBeGreaterThan(0);
    for (const condition of conditions) {
      expect(JSON.stringify(condition)).toContain('secretsmanager.eu-central-1.');
      expect(condition).toHaveProperty(['StringEquals', 'kms:ViaService']);
    }
  });

  it('in China too', () => {
    const china = keyIn('cn-north-1', 'aws-cn');
    const templates = synthesizeWithWebhooks({ ...chinaStage, secretsKey: china });
    const [first] = decrypting(templates.service);
    expect(first?.Resource).toBe(china);
  });

  it('without one nobody may decrypt anything', () => {
    expect(decrypting(synthesizeWithWebhooks(testStage).service)).toEqual([]);
  });
});
