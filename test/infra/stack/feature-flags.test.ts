import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { createStageStacks } from '../../../infra/stacks/stage-stacks.ts';
import { createApp } from './app.ts';
import { testStage } from './stage.ts';

const report = z.object({
  flags: z.record(
    z.string(),
    z.object({
      userValue: z.optional(z.unknown()),
      recommendedValue: z.optional(z.unknown()),
      unconfiguredBehavesLike: z.optional(z.object({ v2: z.optional(z.unknown()) })),
    }),
  ),
});

/** Those that `cdk` warns of after each command: not set, and by themselves other than CDK recommends. */
function unsetFlags(): readonly string[] {
  const app = createApp({ builtinCloudFormationValidation: false });
  createStageStacks(app, testStage);
  const artifacts = Object.values(app.synth().manifest.artifacts ?? {});
  const { flags } = report.parse(
    artifacts.find(({ type }) => type === 'cdk:feature-flag-report')?.properties,
  );
  return Object.entries(flags)
    .filter(([, { userValue }]) => userValue === undefined)
    .filter(
      ([, flag]) =>
        flag.recommendedValue !== undefined &&
        (flag.unconfiguredBehavesLike?.v2 ?? false) !== flag.recommendedValue,
    )
    .map(([name]) => name);
}

it('cdk.json decides on each feature flag, so that no command warns of them', () => {
  expect(unsetFlags()).toEqual([]);
});
