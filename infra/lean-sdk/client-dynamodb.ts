import { type Call, type ClientConfig, createAwsJsonClient } from './aws-json.ts';

/** In place of the SDK's client of this name. */
export class DynamoDBClient {
  readonly call: Call;

  constructor(config: ClientConfig) {
    const service = {
      name: 'dynamodb',
      target: 'DynamoDB_20120810',
      jsonVersion: '1.0',
      endpointVariable: 'AWS_ENDPOINT_URL_DYNAMODB',
    } as const;
    this.call = createAwsJsonClient(service, config);
  }
}
