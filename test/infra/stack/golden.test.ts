import { expect, it } from 'vitest';
import { synthesizeStage } from '../../../infra/stacks/template.ts';
import { readStage } from '../../../infra/stages.ts';
import { type Description, describeTemplate, write, writeDifference } from './golden.ts';
import { synthesizeWithWebhooks } from './webhooks-template.ts';

/** After a change that is meant: `npx vitest run test/infra/stack/golden.test.ts -u`, and read what became of them. */

function describeStage(name: string, region: string): Description {
  const stage = { ...readStage(name), region };
  const { data, service } = synthesizeStage(stage);
  return new Map([...describeTemplate(data, stage), ...describeTemplate(service, stage)]);
}

const prod = describeStage('prod', 'eu-central-1');

/** Prod once somebody has switched webhooks and the console on: what there was before, and the stacks of their own. */
function describeWithWebhooks(region: string) {
  const stage = { ...readStage('prod'), region };
  const { data, service, webhooks, console } = synthesizeWithWebhooks(stage);
  return {
    others: new Map([...describeTemplate(data, stage), ...describeTemplate(service, stage)]),
    own: describeTemplate(webhooks, stage),
    console: describeTemplate(console, stage),
  };
}

const withWebhooks = describeWithWebhooks('eu-central-1');

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

it('the webhooks of prod are deployed as they were', async () => {
  await expect(write(withWebhooks.own)).toMatchFileSnapshot('golden/prod-webhooks.txt');
});

it('the console of prod is deployed as it was', async () => {
  await expect(write(withWebhooks.console)).toMatchFileSnapshot('golden/prod-console.txt');
});

it('webhooks change of the other stacks what they did', async () => {
  const difference = writeDifference(prod, withWebhooks.others);
  await expect(difference).toMatchFileSnapshot('golden/prod-to-prod-with-webhooks.txt');
});

it('the webhooks of prod in China differ from those elsewhere as they did', async () => {
  const china = describeWithWebhooks('cn-north-1');
  const difference = writeDifference(withWebhooks.own, china.own);
  await expect(difference).toMatchFileSnapshot('golden/prod-webhooks-to-china.txt');
});
