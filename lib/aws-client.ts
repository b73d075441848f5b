import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext } from 'node:tls';

/**
 * How the AWS SDK's clients are set up. What Lambda's environment says already is said to them, as they would otherwise
 * look for each setting in files that are not there: that is most of what their first command costs beyond a
 * connection. Without a region in the environment, as for an operator with a profile, they look for it themselves.
 */

export type AwsService = 'dynamodb' | 'secretsmanager' | 'sqs' | 'eventbridge';

/** The variable that names another address for a service, which the SDK honours too. */
const endpointVariables: Readonly<Record<AwsService, string>> = {
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  sqs: 'AWS_ENDPOINT_URL_SQS',
  eventbridge: 'AWS_ENDPOINT_URL_EVENTBRIDGE',
};

/** EventBridge answers where CloudWatch Events did. */
const hostNames: Readonly<Record<AwsService, string>> = {
  dynamodb: 'dynamodb',
  secretsmanager: 'secretsmanager',
  sqs: 'sqs',
  eventbridge: 'events',
};

interface Limits {
  /** The first attempt counts. */
  readonly maxAttempts: number;
  /** For each attempt, in milliseconds. */
  readonly requestTimeout: number;
}

/** The SDK has no time limit of its own, so that a call that hangs would hang for good. */
export function awsClientConfig(service: AwsService, { maxAttempts, requestTimeout }: Limits) {
  const { AWS_REGION: region, AWS_ENDPOINT_URL: anyEndpoint } = process.env;
  const limits = { connectionTimeout: 500, requestTimeout, throwOnRequestTimeout: true };
  if (!region) return { maxAttempts, requestHandler: limits };
  const endpoint = process.env[endpointVariables[service]] ?? anyEndpoint ?? awsAddress(service, region);
  const url = new URL(endpoint);
  return {
    maxAttempts,
    region,
    endpoint,
    requestHandler: { ...limits, ...(url.protocol === 'https:' && { httpsAgent: openConnection(url) }) },
    retryMode: 'standard',
    defaultsMode: 'standard',
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    accountIdEndpointMode: async () => 'disabled' as const,
    authSchemePreference: async (): Promise<string[]> => [],
    userAgentAppId: async () => undefined,
    defaultUserAgentProvider: async (): Promise<[name: string, version: string][]> => [['settle', '1']],
  } as const;
}

/** China's regions have a domain of their own (AWS: "China Regions endpoints"). */
const awsAddress = (service: AwsService, region: string): string =>
  `https://${hostNames[service]}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

/** Reads the trusted certificates once for all services. */
const secureContext = createSecureContext();

/** An agent that keeps its connections open, and begins the first at once: the handshake goes on as a function loads. */
function openConnection({ hostname, port }: URL): Agent {
  const options = { host: hostname, servername: hostname, secureContext };
  const first = connect({ ...options, port: Number(port) || 443 });
  // Whoever takes a broken connection is told, or makes another.
  first.on('error', () => {});
  // As the agent has it for its own: else the first request waits for word that the handshake's end has arrived.
  first.setNoDelay(true);
  // Alone it keeps no process alive, such as an operator's command that has nothing to ask.
  first.unref();
  let unused: Duplex | null = first;

  class PreparedAgent extends Agent {
    override createConnection(
      request: RequestOptions,
      callback?: (error: Error | null, stream: Duplex) => void,
    ): Duplex | null | undefined {
      const prepared = unused;
      unused = null;
      if (prepared?.destroyed !== false) return super.createConnection(request, callback);
      first.ref();
      return prepared;
    }
  }
  return new PreparedAgent({ keepAlive: true, ...options });
}
