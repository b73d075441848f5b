import { fileURLToPath } from 'node:url';
import { ArnFormat, type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { bundleAliases, bundleOptions } from '../bundling.ts';
import type { DocumentName, FunctionDefinition } from '../endpoints.ts';
import type { PaymentTable } from './payment-table.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The shared esbuild options, as CDK spells them. Nothing is left to the runtime's own copy of the SDK. */
const bundling: BundlingOptions = {
  format: OutputFormat.ESM,
  target: bundleOptions.target,
  mainFields: bundleOptions.mainFields,
  minify: bundleOptions.minify,
  sourceMap: bundleOptions.sourcemap,
  sourcesContent: bundleOptions.sourcesContent,
  banner: bundleOptions.banner.js,
  esbuildArgs: { '--alias': Object.entries(bundleAliases).map(([name, path]) => `${name}=${path}`) },
  externalModules: [],
  logLevel: LogLevel.WARNING,
};

export interface PaymentFunctionProps {
  readonly definition: FunctionDefinition;
  readonly stage: string;
  readonly timeout: Duration;
  readonly table: PaymentTable;
  readonly publicUrl: string;
}

/** One file of `functions/`, allowed what its line in the table of endpoints names and nothing else. */
export class PaymentFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: PaymentFunctionProps) {
    const { definition, stage, timeout, table, publicUrl } = props;
    const logGroup = new LogGroup(scope, `${id}-logs`, { retention: RetentionDays.TWO_WEEKS });
    // A role of its own: CDK's default one may write to every log group of the account.
    const role = new Role(scope, `${id}-role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      entry: `${projectRoot}functions/${definition.name}.ts`,
      projectRoot,
      depsLockFilePath: `${projectRoot}package-lock.json`,
      bundling,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // CPU grows with memory: this is over half a vCPU, for the SDK's start and the RSA signatures.
      memorySize: 1024,
      timeout,
      role,
      logGroup,
      environment: {
        STAGE: stage,
        TABLE_NAME: table.tableName,
        PUBLIC_URL: publicUrl,
        // About 10 ms of a start and 50 ms of the first error, for logs that name the source's own lines.
        NODE_OPTIONS: '--enable-source-maps',
      },
    });
    this.allow(
      definition.table.map((action) => `dynamodb:${action}`),
      [table.tableArn],
    );
    this.allow(
      ['dynamodb:Query'],
      (definition.indexes ?? []).map((name) => table.indexArn(name)),
    );
    this.allow(
      ['secretsmanager:GetSecretValue'],
      definition.documents.map((document) => secretArn(Stack.of(this), stage, document)),
    );
  }

  /** A statement without actions or resources would not be accepted. */
  private allow(actions: string[], resources: string[]): void {
    if (actions.length === 0 || resources.length === 0) return;
    this.addToRolePolicy(new PolicyStatement({ actions, resources }));
  }
}

/**
 * A document's secret under any of the six-character suffixes that Secrets Manager ends its ARNs with. Secrets
 * under the account's AWS-managed key, the default, need no KMS permission.
 */
function secretArn(stack: Stack, stage: string, document: DocumentName): string {
  return stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `settle/${stage}/${document}-??????`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
