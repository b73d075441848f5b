import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { GradualDeployment } from '../constructs/gradual-deployment.ts';
import { PaymentAlarms } from '../constructs/payment-alarms.ts';
import { addRoutes } from '../constructs/payment-api.ts';
import { PaymentFunction } from '../constructs/payment-function.ts';
import { consoleServer } from '../endpoints.ts';
import { functionAlarms } from '../monitoring/function-alarms.ts';
import { consoleGroup } from '../monitoring/function-groups.ts';
import type { Stage } from '../stages.ts';
import { referToService } from './service-reference.ts';
import { stackProps } from './stack-props.ts';

/** It reads files that lie beside it. */
const serveTimeout = Duration.seconds(10);
/** The largest file has 1.6 MB, and is there compressed. */
const serveMemory_MB = 512;

/**
 * The console and the reference of the API, at the address of the API itself: a function that gives files and may do
 * nothing else. The service knows nothing of it, and takes payments as ever without it.
 */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, stage: Stage) {
    super(scope, `settle-${stage.name}-console`, stackProps(stage, 'console'));
    const { api, address, mailTopicArn } = referToService(this, stage);
    const handler = new PaymentFunction(this, consoleServer.name, {
      definition: consoleServer,
      stage,
      timeout: serveTimeout,
      memorySize: serveMemory_MB,
      resources: {},
      publicUrl: address,
    });
    addRoutes(this, api, consoleServer, handler.live);
    const deployment = new GradualDeployment(this, 'deployment', stage);
    new PaymentAlarms(this, 'alarms', {
      stage: stage.name,
      definitions: functionAlarms({ functions: new Map([[consoleServer.name, handler]]) }, consoleGroup),
      canaryAlarms: [deployment.add(consoleServer.name, handler)],
      targets: stage.alarms,
      mailTopicArn,
    });
    new CfnOutput(this, 'ConsoleUrl', { value: `${address}/console` });
    new CfnOutput(this, 'DocsUrl', { value: `${address}/docs` });
  }
}
