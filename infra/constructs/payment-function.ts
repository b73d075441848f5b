import { ArnFormat, type Duration, RemovalPolicy, type Size, Stack, Token, Validations } from 'aws-cdk-lib';
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  type Alias,
  Architecture,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { deliveryIndexes } from '../../lib/store/delivery-table.ts';
import { tableIndexes } from '../../lib/store/table.ts';
import { type FunctionDefinition, readableNames } from '../endpoints.ts';
import type { SignIn, Stage } from '../stages.ts';
import { ExecutionRole } from './execution-role.ts';
import { functionCode } from './function-code.ts';
import { regionFeatures } from './region.ts';
import { StageLogGroup } from './stage-log-group.ts';

/** What a stack has for those functions whose line names it. */
export interface StackResources {
  /** The days that are to be reconciled. */
  readonly queue?: IQueue;
  readonly deliveries?: Table;
  /** The deliveries that are due. */
  readonly webhookQueue?: IQueue;
  readonly bus?: EventBus;
}

export interface PaymentFunctionProps {
  readonly definition: FunctionDefinition;
  readonly stage: Stage;
  readonly timeout: Duration;
  /** None for a function that has nothing to do with it. */
  readonly table?: ITable;
  readonly resources: StackResources;
  readonly publicUrl: string;
  /** In MB; CPU grows with it. Without one it is over half a vCPU, for starts and RSA signatures. */
  readonly memorySize?: number;
  /** Of files of its own; 512 MB without one. */
  readonly ephemeralStorageSize?: Size;
  /** Executions kept out of the account's pool for this function, and the most that it may have. */
  readonly reservedConcurrentExecutions?: number;
}

/**
 * One file of `functions/`, allowed what its line in the table of endpoints names and nothing else. Whoever calls it
 * calls `live`: the version that is deployed, never one that is still being changed.
 */
export class PaymentFunction extends LambdaFunction {
  readonly live: Alias & IFunction;
  readonly executionRole: ExecutionRole;

  constructor(scope: Construct, id: string, props: PaymentFunctionProps) {
    const { definition, stage, timeout, table, resources, publicUrl, memorySize = 1024, ...options } = props;
    const named = namedOf(definition, resources);
    const logGroup = new StageLogGroup(scope, `${id}-logs`, stage);
    const { tracing } = regionFeatures(Stack.of(scope).region);
    const role = createExecutionRole(scope, `${id}-role`, logGroup, tracing);
    super(scope, id, {
      ...options,
      code: functionCode(definition.name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize,
      timeout,
      role,
      logGroup,
      // Lambda's own lines as JSON too, so that starts and time limits can be queried like the rest.
      loggingFormat: LoggingFormat.JSON,
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      // An earlier version is what a person puts the alias back to. One whose deployment is taken back must go: Lambda
      // makes no second version of the same code in a row, so that deploying it again would fail.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
      environment: {
        STAGE: stage.name,
        ...(table && { TABLE_NAME: table.tableName }),
        PUBLIC_URL: publicUrl,
        ...(named.queue && { QUEUE_URL: named.queue.queueUrl }),
        ...(named.deliveries && { DELIVERIES_TABLE: named.deliveries.tableName }),
        ...(named.webhookQueue && { WEBHOOK_QUEUE_URL: named.webhookQueue.queueUrl }),
        ...(named.bus && { EVENT_BUS_NAME: named.bus.eventBusName }),
        ...(stage.orderPrefix ? { ORDER_PREFIX: stage.orderPrefix } : {}),
        ...settingsOf(definition, stage),
      },
    });
    this.executionRole = role;
    this.#allowDefined(props, named);
    // An alias is a function, only CDK's types do not say so where optional properties are taken exactly.
    this.live = this.addAlias('live') as Alias & IFunction;
  }

  #allowDefined(
    { definition, stage, table }: PaymentFunctionProps,
    { queue, deliveries, webhookQueue, bus }: StackResources,
  ): void {
    const { indexes = [], deliveryIndexes: ofDeliveries = [] } = definition;
    if (table) {
      this.#allow('dynamodb', definition.table, [table.tableArn]);
      this.#allow(
        'dynamodb',
        ['Query'],
        indexes.map((name) => `${table.tableArn}/index/${tableIndexes[name].name}`),
      );
    }
    if (deliveries) {
      const { tableArn } = deliveries;
      this.#allow('dynamodb', definition.deliveries ?? [], [tableArn]);
      this.#allow(
        'dynamodb',
        ['Query'],
        ofDeliveries.map((name) => `${tableArn}/index/${deliveryIndexes[name].name}`),
      );
    }
    if (queue) this.#allow('sqs', definition.queue ?? [], [queue.queueArn]);
    if (webhookQueue) this.#allow('sqs', definition.webhookQueue ?? [], [webhookQueue.queueArn]);
    if (bus) this.#allow('events', ['PutEvents'], [bus.eventBusArn]);
    this.#allowDecrypting(definition, stage);
    const names = readableNames(definition).map((name) => `settle/${stage.name}/${name}`);
    this.#allow(
      'secretsmanager',
      ['GetSecretValue'],
      names.flatMap((name) => secretResources(name).map((resource) => secretArn(Stack.of(this), resource))),
    );
    for (const name of names.filter((candidate) => candidate.endsWith('*'))) this.#acknowledgeWildcard(name);
  }

  /** A statement without actions or resources would not be accepted. */
  #allow(service: string, actions: readonly string[], resources: string[]): void {
    if (actions.length === 0 || resources.length === 0) return;
    this.addToRolePolicy(
      new PolicyStatement({ actions: actions.map((action) => `${service}:${action}`), resources }),
    );
  }

  /** Of secrets, and of nothing else that the key may have encrypted. */
  #allowDecrypting({ documents }: FunctionDefinition, { secretsKey }: Stage): void {
    if (secretsKey === undefined || documents.length === 0) return;
    const { region, urlSuffix } = Stack.of(this);
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [secretsKey],
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.${urlSuffix}` } },
      }),
    );
  }

  #acknowledgeWildcard(name: string): void {
    const { region } = Stack.of(this);
    const secret = `secretsmanager:${Token.isUnresolved(region) ? '<AWS::Region>' : region}:<AWS::AccountId>:secret:${name}`;
    Validations.of(this.executionRole).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${secret}]`,
      reason:
        'Tenants and merchants come and go without a deployment; the wildcard ends at the stage and the provider',
    });
  }
}

/** Of what the stack has, what the function's line names. @throws Error when the stack has none of it */
function namedOf(definition: FunctionDefinition, resources: StackResources): StackResources {
  const named = (['queue', 'deliveries', 'webhookQueue', 'bus'] as const).filter((name) => definition[name]);
  const missing = named.find((name) => !resources[name]);
  if (missing) throw new Error(`${definition.name} needs ${missing}, which its stack does not have`);
  return Object.fromEntries(named.map((name) => [name, resources[name]]));
}

/** What the function needs to know of its stage besides. */
function settingsOf(
  { settings = [] }: FunctionDefinition,
  { returnHosts, shipping, console: { signIn } = {} }: Stage,
): Record<string, string> {
  return {
    ...(signIn && settings.includes('signIn') && signInVariables(signIn)),
    ...(returnHosts && settings.includes('returnHosts') && { RETURN_URL_HOSTS: returnHosts.join(',') }),
    ...(shipping &&
      settings.includes('shipping') && {
        SHIPPING_WITHIN_HOURS: String(shipping.withinHours),
        MEAL_PICKUP: String(shipping.mealPickup),
      }),
  };
}

const signInVariables = ({ issuer, clientId, scope, origins }: SignIn): Record<string, string> => ({
  SIGN_IN_ISSUER: issuer,
  SIGN_IN_CLIENT_ID: clientId,
  ...(scope !== undefined && { SIGN_IN_SCOPE: scope }),
  ...(origins && { SIGN_IN_ORIGINS: origins.join(',') }),
});

/** A role of its own: CDK's default one may write to every log group of the account. */
function createExecutionRole(
  scope: Construct,
  id: string,
  logGroup: StageLogGroup,
  tracing: boolean,
): ExecutionRole {
  const role = new ExecutionRole(scope, id);
  logGroup.grantWrite(role);
  if (tracing) {
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray: PutTraceSegments and PutTelemetryRecords take no resource',
    });
  }
  return role;
}

/**
 * A document's secret under any of the six-character suffixes that Secrets Manager ends its ARNs with, and without one:
 * that is the ARN of no secret, but what a request for one that is not there may be checked against, and where a document
 * may be absent, its absence has to be told apart from a refusal.
 */
const secretResources = (name: string): readonly string[] =>
  name.endsWith('*') ? [name] : [`${name}-??????`, name];

/** Secrets under the account's AWS-managed key, the default, need no KMS permission. */
function secretArn(stack: Stack, resourceName: string): string {
  return stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
