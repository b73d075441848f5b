import type {
  GetSecretValueCommandInput,
  GetSecretValueCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { type Call, type ClientConfig, createAwsJsonClient } from './aws-json.ts';

export class GetSecretValueCommand {
  readonly input: GetSecretValueCommandInput;

  constructor(input: GetSecretValueCommandInput) {
    this.input = input;
  }
}

/** In place of the SDK's client of this name: it reads secrets and does nothing else. */
export class SecretsManagerClient {
  readonly #call: Call;

  constructor(config: ClientConfig) {
    const service = {
      name: 'secretsmanager',
      target: 'secretsmanager',
      jsonVersion: '1.1',
      endpointVariable: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
    } as const;
    this.#call = createAwsJsonClient(service, config);
  }

  async send({ input }: GetSecretValueCommand): Promise<Pick<GetSecretValueCommandOutput, 'SecretString'>> {
    return this.#call('GetSecretValue', input);
  }
}
