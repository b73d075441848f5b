import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { createStageStacks } from './stacks/stage-stacks.ts';
import { readStage } from './stages.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const stage = readStage(app.node.tryGetContext('stage') ?? 'dev');
// The CDK's own name for the region of the credentials.
createStageStacks(app, { ...stage, region: stage.region ?? process.env['CDK_DEFAULT_REGION'] });

/** An app is not told which command it is run for, only that `destroy`, `bootstrap` and `list` want no code. */
const isDeployed = app.node.tryGetContext('aws:cdk:bundling-stacks')?.length !== 0;
if (!isDeployed && !stage.domain) {
  process.stderr.write(
    `settle-${stage.name} has no domain of its own: once it is destroyed its address is gone, and with it each webhook that is entered at a provider and the notify_url of each open payment.\n`,
  );
}
