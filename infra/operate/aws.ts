import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/**
 * For the clients of an operator's commands: longer than a function waits, since an operator may be on another
 * continent, and no longer, since the SDK's own clients wait for as long as they are let.
 */
export const patience = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

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
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const told = missingSettings(error) ?? `AWS does not say who you are: ${error.name}: ${error.message}`;
    throw new Error(told, { cause });
  } finally {
    client.destroy();
  }
}

export const describeIdentity = ({ account, region, partition, arn }: Identity): string =>
  `account ${account}, region ${region} (${partition}), as ${arn}`;

/** What the SDK lacks to ask AWS at all, and where it is set; null for any other error. */
export function missingSettings({ name, message }: Error): string | null {
  if (message.includes('Region is missing')) {
    return 'no AWS region: set AWS_REGION, or a region for the profile or the stage';
  }
  if (name === 'CredentialsProviderError') {
    return `no AWS credentials: log in, or set AWS_PROFILE (${message})`;
  }
  return null;
}
