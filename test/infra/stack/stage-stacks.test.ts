import { expect, it } from 'vitest';
import { createStageStacks } from '../../../infra/stacks/stage-stacks.ts';
import { createApp } from './app.ts';
import { testStage } from './stage.ts';

const createStacks = (changes = {}) => createStageStacks(createApp(), { ...testStage, ...changes });

it('the stacks bear the names that commands know them by, and tags for the bill', () => {
  const { data, service } = createStacks();
  expect([data.stackName, service.stackName]).toEqual(['settle-test-data', 'settle-test']);
  for (const stack of [data, service]) {
    expect(stack.tags.tagValues()).toEqual({ application: 'settle', stage: 'test' });
  }
});

it('the data is there before the service, which can go without it', () => {
  const { data, service } = createStacks();
  expect(service.dependencies).toEqual([data]);
  expect(data.dependencies).toEqual([]);
});

it('a stage has no third stack until it has webhooks, whose stack comes last and can go alone', () => {
  expect(createStacks().webhooks).toBeNull();
  expect(createStacks({ webhooks: false }).webhooks).toBeNull();
  const { data, service, webhooks } = createStacks({ webhooks: true });
  expect(webhooks?.stackName).toBe('settle-test-webhooks');
  expect(webhooks?.tags.tagValues()).toEqual({ application: 'settle', stage: 'test' });
  expect(webhooks?.dependencies).toEqual([service]);
  expect([...data.dependencies, ...service.dependencies]).toEqual([data]);
});

it('a stage has no console until it is given one, whose stack comes after the service and can go alone', () => {
  expect(createStacks().console).toBeNull();
  expect(createStacks({ webhooks: true }).console).toBeNull();
  const { data, service, webhooks, console } = createStacks({ webhooks: true, console: {} });
  expect(console?.stackName).toBe('settle-test-console');
  expect(console?.tags.tagValues()).toEqual({ application: 'settle', stage: 'test' });
  expect(console?.dependencies).toEqual([service]);
  expect([data, service, webhooks].flatMap((stack) => stack?.dependencies)).not.toContain(console);
});

it('of a protected stage the data stack cannot be deleted, while the service stack always can', () => {
  const protection = ({ data, service }: ReturnType<typeof createStacks>) => [
    data.terminationProtection,
    service.terminationProtection,
  ];
  expect(protection(createStacks())).toEqual([true, false]);
  expect(protection(createStacks({ protected: false }))).toEqual([false, false]);
});

it('they are deployed to the region of the stage, and without one to that of the credentials', () => {
  expect(createStacks().service.region).toBe('eu-central-1');
  const { data, service } = createStacks({ region: undefined });
  for (const stack of [data, service]) expect(stack.resolve(stack.region)).toEqual({ Ref: 'AWS::Region' });
});
