import { startLoopbackServer } from '../../../support/loopback-server.ts';

type Stack = { readonly status?: string; readonly outputs: Readonly<Record<string, string>> };

export type FakeAws = Awaited<ReturnType<typeof startFakeAws>>;

/**
 * STS, CloudFormation (AWS Query protocol, XML) and DynamoDB's list of tables (JSON) on one address, as far as setup and
 * doctor ask them.
 */
export async function startFakeAws(partition = 'aws') {
  const stacks = new Map<string, Stack>();
  const tables = new Set<string>();
  const server = await startLoopbackServer(({ form, headers, body }) => {
    if (headers['x-amz-target'] === 'DynamoDB_20120810.DescribeTable') {
      const { TableName } = JSON.parse(body);
      return tables.has(TableName) ? { body: { Table: { TableName } } } : noTable;
    }
    const name = form.get('StackName') ?? '';
    const stack = stacks.get(name);
    if (form.get('Action') === 'GetCallerIdentity') return xml(200, identity(partition));
    if (form.get('Action') !== 'DescribeStacks') return xml(400, failure('InvalidAction', 'not served'));
    return stack
      ? xml(200, described(name, stack))
      : xml(400, failure('ValidationError', `Stack with id ${name} does not exist`));
  });
  return {
    stacks,
    tables,
    dynamodbEndpoint: server.baseUrl,
    /** Where the SDK finds both. */
    environment: {
      AWS_ENDPOINT_URL_STS: server.baseUrl,
      AWS_ENDPOINT_URL_CLOUDFORMATION: server.baseUrl,
    },
    stop: server.close,
  };
}

const noTable = {
  status: 400,
  body: { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', message: 'no such table' },
};

const xml = (status: number, body: string) => ({ status, headers: { 'content-type': 'text/xml' }, body });

const identity = (partition: string) => `
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Account>123456789012</Account><UserId>AIDAEXAMPLE</UserId>
    <Arn>arn:${partition}:iam::123456789012:user/deployer</Arn>
  </GetCallerIdentityResult>
</GetCallerIdentityResponse>`;

const described = (name: string, { status = 'CREATE_COMPLETE', outputs }: Stack) => `
<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
  <DescribeStacksResult><Stacks><member>
    <StackName>${name}</StackName><StackStatus>${status}</StackStatus>
    <CreationTime>2026-11-22T00:00:00Z</CreationTime>
    <Outputs>${Object.entries(outputs)
      .map(
        ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
      )
      .join('')}</Outputs>
  </member></Stacks></DescribeStacksResult>
</DescribeStacksResponse>`;

const failure = (code: string, message: string) => `
<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
  <Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>
</ErrorResponse>`;
