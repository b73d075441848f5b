import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { patience } from './aws.ts';

export interface DeployedStack {
  readonly name: string;
  /** As CloudFormation words it, such as `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The stack that holds what answers; its outputs are the addresses. */
export const stackName = (stage: string): string => `settle-${stage}`;

/** What deploys a stage, or deploys it again. */
export const deployCommand = (stage: string): string => `npx cdk deploy --all -c stage=${stage}`;

/** The stack that holds what is told of events, where the stage has it. */
export const webhooksStackName = (stage: string): string => `${stackName(stage)}-webhooks`;

/** Null when there is none. @throws Error of CloudFormation */
export const readStack = (stage: string): Promise<DeployedStack | null> => describeStack(stackName(stage));

/** The stack that holds the table; null when there is none. @throws Error of CloudFormation */
export const readDataStack = (stage: string): Promise<DeployedStack | null> =>
  describeStack(`${stackName(stage)}-data`);

/** Null when there is none. @throws Error of CloudFormation */
export const readWebhooksStack = (stage: string): Promise<DeployedStack | null> =>
  describeStack(webhooksStackName(stage));

async function describeStack(name: string): Promise<DeployedStack | null> {
  const client = new CloudFormationClient(patience);
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    if (!stack) return null;
    const outputs = (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
    return { name, status: stack.StackStatus ?? '', outputs: Object.fromEntries(outputs) };
  } catch (error) {
    // There is no code of its own for it.
    if (error instanceof Error && /does not exist/.test(error.message)) return null;
    throw error;
  } finally {
    client.destroy();
  }
}
