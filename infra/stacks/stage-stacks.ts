import type { App } from 'aws-cdk-lib';
import type { Stage } from '../stages.ts';
import { ConsoleStack } from './console-stack.ts';
import { DataStack } from './data-stack.ts';
import { ServiceStack } from './service-stack.ts';
import { WebhooksStack } from './webhooks-stack.ts';

export interface StageStacks {
  readonly data: DataStack;
  readonly service: ServiceStack;
  /** Null where the stage has no webhooks. */
  readonly webhooks: WebhooksStack | null;
  /** Null where the stage has no console. */
  readonly console: ConsoleStack | null;
}

/**
 * The stacks of a stage. The data comes first, as the service reads from it where the stream is, and the service before
 * the webhooks and the console, which add routes to its API.
 */
export function createStageStacks(app: App, stage: Stage): StageStacks {
  const data = new DataStack(app, stage);
  const service = new ServiceStack(app, stage);
  service.addStackDependency(data);
  const webhooks = stage.webhooks ? new WebhooksStack(app, stage) : null;
  webhooks?.addStackDependency(service);
  const consoleStack = stage.console ? new ConsoleStack(app, stage) : null;
  consoleStack?.addStackDependency(service);
  return { data, service, webhooks, console: consoleStack };
}
