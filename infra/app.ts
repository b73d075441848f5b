import { App } from 'aws-cdk-lib';
import { createStageStacks } from './stage-stacks.ts';
import { readStage } from './stages.ts';

const app = new App();
const stage = readStage(app.node.tryGetContext('stage') ?? 'dev');
// The CDK's own name for the region of the credentials.
createStageStacks(app, { ...stage, region: stage.region ?? process.env['CDK_DEFAULT_REGION'] });
