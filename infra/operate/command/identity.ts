import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { missingSettings } from './missing-settings.ts';
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
