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

/** A stage's stack; null when there is none. @throws Error of CloudFormation */
export async function readStack(stage: string): Promise<DeployedStack | null> {
  const client = new CloudFormationClient(patience);
  const name = stackName(stage);
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
