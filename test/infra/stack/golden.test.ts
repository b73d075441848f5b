import { expect, it } from 'vitest';
import { synthesizeStage } from '../../../infra/stacks/template.ts';
import { readStage } from '../../../infra/stages.ts';
import { type Description, describeTemplate, write, writeDifference } from './golden.ts';

/** After a change that is meant: `npx vitest run test/infra/stack/golden.test.ts -u`, and read what became of them. */

function describeStage(name: string, region: string): Description {
  const stage = { ...readStage(name), region };
  const { data, service } = synthesizeStage(stage);
  return new Map([...describeTemplate(data, stage), ...describeTemplate(service, stage)]);
}

const prod = describeStage('prod', 'eu-central-1');

it('prod is deployed as it was', async () => {
  await expect(write(prod)).toMatchFileSnapshot('golden/prod.txt');
});

it('dev differs from prod as it did', async () => {
  const dev = describeStage('dev', 'eu-central-1');
  await expect(writeDifference(prod, dev)).toMatchFileSnapshot('golden/prod-to-dev.txt');
});

it('prod in China differs from prod elsewhere as it did', async () => {
  const china = describeStage('prod', 'cn-north-1');
  await expect(writeDifference(prod, china)).toMatchFileSnapshot('golden/prod-to-prod-in-china.txt');
});
