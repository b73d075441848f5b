import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { createStageStacks } from './stacks/stage-stacks.ts';
import { readStage } from './stages.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const stage = readStage(app.node.tryGetContext('stage') ?? 'dev');
// The CDK's own name for the region of the credentials.
createStageStacks(app, { ...stage, region: stage.region ?? process.env['CDK_DEFAULT_REGION'] });
