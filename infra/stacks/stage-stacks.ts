import type { App } from 'aws-cdk-lib';
import type { Stage } from '../stages.ts';
import { DataStack } from './data-stack.ts';
import { ServiceStack } from './service-stack.ts';

/** The two stacks of a stage; the data comes first, as the service reads from it where the stream is. */
export function createStageStacks(app: App, stage: Stage): { data: DataStack; service: ServiceStack } {
  const data = new DataStack(app, stage);
  const service = new ServiceStack(app, stage);
  service.addStackDependency(data);
  return { data, service };
}
