import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { patience } from './patience.ts';

/** Whose AWS account a command works in, and where. */
export interface Identity {
  readonly account: string;
  readonly region: string;
  /** `aws`, or `aws-cn` in China. */
  readonly partition: string;
  readonly arn: string;
}

/**
 * Who AWS says we are, by the SDK's chain of credential providers.
 * @throws Error that says what is missing
 */
export async function readIdentity(): Promise<Identity> {
  const client = new STSClient(patience);
  try {
    const [{ Account: account = '', Arn: arn = '' }, region] = await Promise.all([
      client.send(new GetCallerIdentityCommand()),
      client.config.region(),
    ]);
    return { account, region, partition: arn.split(':')[1] ?? '', arn };
  } catch (error) {
    throw new Error(explain(error), { cause: error });
  } finally {
    client.destroy();
  }
}

function explain(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (message.includes('Region is missing')) {
    return 'no AWS region: set AWS_REGION, or a region for the profile or the stage';
  }
  if (name === 'CredentialsProviderError') {
    return `no AWS credentials: log in, or set AWS_PROFILE (${message})`;
  }
  return `AWS does not say who you are: ${name}: ${message}`;
}

export const describeIdentity = ({ account, region, partition, arn }: Identity): string =>
  `account ${account}, region ${region} (${partition}), as ${arn}`;
