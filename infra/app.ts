import { App } from 'aws-cdk-lib';
import { PaymentStack } from './payment-stack.ts';

const app = new App();
new PaymentStack(app, {
  stage: app.node.tryGetContext('stage') ?? 'dev',
  publicUrl: app.node.tryGetContext('public-url'),
});
