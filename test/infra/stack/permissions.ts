import type { FunctionDefinition, ReadableDocuments } from '../../../infra/endpoints.ts';
import type { Template } from '../../../infra/stacks/template.ts';
import { providers } from '../../../lib/orders/kinds.ts';
import { deliveryIndexes } from '../../../lib/store/delivery-table.ts';
import { tableIndexes } from '../../../lib/store/table.ts';
import { logicalName, render, resourcesIn } from './template-reader.ts';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

export const statementsOf = (document: unknown) => (document as { Statement: Statement[] }).Statement;

/** What each policy of a template says, and of which roles: in a role itself, or beside it. */
export const policyDocumentsIn = (template: Template) => [
  ...resourcesIn(template, 'AWS::IAM::Role').flatMap(({ name, Properties }) =>
    ((Properties['Policies'] ?? []) as { PolicyDocument: unknown }[]).map(({ PolicyDocument }) => ({
      roles: [`<${name}>`],
      document: PolicyDocument,
    })),
  ),
  ...resourcesIn(template, 'AWS::IAM::Policy').map(({ Properties }) => ({
    roles: listOf(Properties['Roles']).map(render),
    document: Properties['PolicyDocument'],
  })),
];

/** The roles of each policy of a template, and what they may do: `Allow action resource`. */
export const policiesIn = (template: Template) =>
  policyDocumentsIn(template).map(({ roles, document }) => ({
    roles,
    allowed: statementsOf(document).flatMap((statement) =>
      listOf(statement.Action).flatMap((action) =>
        listOf(statement.Resource).map((resource) => `${statement.Effect} ${action} ${render(resource)}`),
      ),
    ),
  }));

/** What a function's role may do. */
export function allowedIn(template: Template, { name }: FunctionDefinition): string[] {
  const role = `<${logicalName(name)}role>`;
  return policiesIn(template)
    .filter(({ roles }) => roles.includes(role))
    .flatMap(({ allowed }) => allowed);
}

export const arn = (service: string) => `arn:<AWS::Partition>:${service}:eu-central-1:<AWS::AccountId>`;
/** X-Ray's actions take no resource. */
const tracing = ['Allow xray:PutTelemetryRecords *', 'Allow xray:PutTraceSegments *'];

/** What a function's line in the table of endpoints says that it may do, its log and its traces. */
export function permissionsOf(stage: string, definition: FunctionDefinition): string[] {
  const { name, documents, table, indexes = [], queue = [], bus } = definition;
  const { deliveries = [], deliveryIndexes: ofDeliveries = [], webhookQueue = [] } = definition;
  const log = `<${logicalName(name)}logs.Arn>`;
  const secrets = `${arn('secretsmanager')}:secret`;
  const tableArn = `${arn('dynamodb')}:table/settle-${stage}`;
  return [
    `Allow logs:CreateLogStream ${log}`,
    `Allow logs:PutLogEvents ${log}`,
    ...tracing,
    ...table.map((action) => `Allow dynamodb:${action} ${tableArn}`),
    ...indexes.map((index) => `Allow dynamodb:Query ${tableArn}/index/${tableIndexes[index].name}`),
    ...deliveries.map((action) => `Allow dynamodb:${action} <deliveries.Arn>`),
    ...ofDeliveries.map(
      (index) => `Allow dynamodb:Query <deliveries.Arn>/index/${deliveryIndexes[index].name}`,
    ),
    ...queue.map((action) => `Allow sqs:${action} <reconciliationqueue.Arn>`),
    ...webhookQueue.map((action) => `Allow sqs:${action} <deliveryqueue.Arn>`),
    ...(bus ? ['Allow events:PutEvents <bus.Arn>'] : []),
    ...documents
      .flatMap((document) => resourcesOfDocument(document, documents))
      .map((resource) => `Allow secretsmanager:GetSecretValue ${secrets}:settle/${stage}/${resource}`),
  ];
}

function resourcesOfDocument(document: ReadableDocuments, all: readonly ReadableDocuments[]): string[] {
  if (document === 'tenants') return ['tenants/*'];
  if (document !== 'former') return [document, `${document}-??????`];
  return providers.filter((provider) => all.includes(provider)).map((provider) => `merchants/${provider}/*`);
}

/** What reading the table's stream takes, and reporting batches that were given up. */
export const forReadingTheStream = (streamArn: string, failedBatches: string) => [
  `Allow dynamodb:DescribeStream ${streamArn}`,
  `Allow dynamodb:GetRecords ${streamArn}`,
  `Allow dynamodb:GetShardIterator ${streamArn}`,
  // It takes no resource.
  'Allow dynamodb:ListStreams *',
  `Allow sqs:SendMessage <${failedBatches}.Arn>`,
  `Allow sqs:GetQueueAttributes <${failedBatches}.Arn>`,
  `Allow sqs:GetQueueUrl <${failedBatches}.Arn>`,
];

/** A role's policy that one service alone may take it on. */
export function assumedBy(Service: string) {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
  };
}
