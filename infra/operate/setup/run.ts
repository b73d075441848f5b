import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { keptDocumentName, tenantDocumentName } from '../../../lib/config/tenant-document.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import { createStoreContext } from '../../../lib/store/client.ts';
import { UsageError } from '../../command/command.ts';
import { documentNames } from '../../endpoints.ts';
import { describeIdentity, type Identity, readIdentity } from '../aws.ts';
import { heldMerchants } from '../documents/held-merchant.ts';
import { describeFinding } from '../documents/inspect/finding.ts';
import { findShared } from '../documents/shared-keys.ts';
import {
  connectSecretsManager,
  listDocuments,
  readAllStored,
  restoreCommand,
  secretName,
  whyMissing,
} from '../documents/stored-document.ts';
import { reachStage } from '../local-stage.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { type DeployedStack, readStack } from '../stack.ts';
import { findTableName, firstDeployCommand } from '../stage.ts';
import { type Arguments, command, readArguments } from './arguments.ts';
import { carryOut, describeStep } from './carry-out.ts';
import { type Collected, isFault } from './collect-document.ts';
import { afterSteps, readable, type Step, type StoredDocuments } from './plan.ts';
import type { Prompts } from './prompts.ts';
import { propose } from './propose.ts';
import { providerGuide, stripeCallbackUrl } from './provider-guide.ts';

interface SetupSurroundings extends Surroundings {
  readonly prompts: Prompts;
}

/** @returns the exit code: 0 when all is stored, 1 when something is not good, 2 when not all could be done */
export const run = (words: readonly string[], surroundings: SetupSurroundings): Promise<0 | 1 | 2> =>
  runOperation(command, words, surroundings, (values) => setUp(readArguments(values), surroundings));

async function setUp(
  options: Arguments,
  { variables, io, prompts, output }: SetupSurroundings,
): Promise<0 | 1> {
  const { tenant_id } = options;
  const stage = options.stage.name;
  const say = (line: string) => output.write(`${line}\n`);
  await reachStage(options.stage, variables, io);
  const identity = await readIdentity();
  say(`stage ${stage}: ${describeIdentity(identity)}`);
  if (!options.isConfirmed) await confirm(prompts, `Set up ${stage} there?`);

  const stack = await readStack(stage);
  const secrets = connectSecretsManager();
  const store = isAboutTable(options) ? createStoreContext(await findTableName(stage, variables), io) : null;
  const notes = stack
    ? { webhook_secrets: `the webhook leads to ${stripeCallbackUrl(stack.outputs, tenant_id)}` }
    : {};
  // All of them before anything is asked: an answer is not to be lost to a permission that is missing.
  const documents = await readDocuments(secrets, options);
  for (const line of deleted(documents, options)) say(line);
  const context = { options, store, documents, prompts, io, say, notes };
  const { collected, faults, steps } = await propose(context);
  say('');
  for (const line of collected.flatMap((one) => remarks(one, stage))) say(line);
  for (const place of nameless(documents, steps)) {
    say(`warning  ${place}: what is stored is not good and names no merchant: it is not kept under a name`);
  }
  const shared = sharedAfter(documents, steps);
  for (const line of [...faults, ...shared]) say(`fault    ${line}`);
  if (!isGood(collected) || faults.length > 0 || shared.length > 0) {
    say('Nothing was stored.');
    return 1;
  }
  if (!options.isConfirmed && steps.some(isGrave)) {
    for (const step of steps) say(describeStep(step, stage, 'ahead'));
    await confirm(prompts, 'Do this?');
  }
  const secretsKey = options.stage.secretsKey ?? null;
  await carryOut(steps, { stage, secretsKey, secrets, store, documents, say });
  for (const line of unchanged(collected, steps, options)) say(line);
  say('');
  const offered = providersAfter(afterSteps(documents, steps), tenant_id);
  for (const line of stack
    ? atProviders(options, stack, offered, collected)
    : beforeDeployment(stage, identity, await firstDeployCommand(stage)))
    say(line);
  return 0;
}

/** Whether the register of tenants is read, or the ledger. */
const isAboutTable = ({ tenant_id, drop }: Arguments): boolean =>
  tenant_id !== null || (drop?.merchants.length ?? 0) > 0;

async function readDocuments(
  client: SecretsManagerClient,
  { stage, tenant_id, drop }: Arguments,
): Promise<StoredDocuments> {
  const named = [
    ...documentNames,
    ...(tenant_id === null ? [] : [tenantDocumentName(tenant_id)]),
    ...(drop?.merchants ?? []).map(({ provider, merchant }) => keptDocumentName(provider, merchant)),
  ];
  const listed = await listDocuments(client, stage.name);
  const documents = await readAllStored(client, stage.name, [...named, ...listed]);
  // What was kept a moment ago may not be listed yet.
  const kept = heldMerchants(readable(documents)).flatMap(({ provider, merchant, tenant_id: owner }) =>
    merchant !== null && owner === tenant_id ? [keptDocumentName(provider, merchant)] : [],
  );
  const others = kept.filter((name) => !documents.has(name));
  return new Map([...documents, ...(await readAllStored(client, stage.name, others))]);
}

/** @throws Error when the person does not want to go on, UsageError where there is nobody */
async function confirm(prompts: Prompts, question: string): Promise<void> {
  if (!prompts.isInteractive) throw new UsageError('--yes is needed where nobody can be asked');
  if (!(await prompts.confirm(question))) throw new Error('nothing was done');
}

/** What could be brought back in place of being asked for. */
function deleted(documents: StoredDocuments, { stage, tenant_id }: Arguments): string[] {
  const names = tenant_id === null ? documentNames : [tenantDocumentName(tenant_id)];
  return names.flatMap((name) => {
    const id = secretName(stage.name, name);
    return documents.get(name)?.state === 'deleted'
      ? [`${id} ${whyMissing.deleted}: ${restoreCommand(id)}`]
      : [];
  });
}

/** What there is to say of a document before it is stored. */
function remarks({ name, label, stored, document, notes, findings }: Collected, stage: string): string[] {
  if (stored.state !== 'stored' && document === null) {
    const missing = `${secretName(stage, name)} ${whyMissing[stored.state]}`;
    return [`fault    ${label}: ${missing}, and there is no ${name}.json`];
  }
  return [
    ...findings.map((finding) => `${finding.level.padEnd(8)} ${describeFinding(label, finding)}`),
    ...notes.map((note) => `note     ${label}: ${note}`),
  ];
}

/** What is replaced or deleted and is of nobody knows whom. */
const nameless = (documents: StoredDocuments, steps: readonly Step[]): string[] =>
  steps.flatMap((step) => {
    const before = step.step === 'store' || step.step === 'delete' ? documents.get(step.name) : undefined;
    if (before?.state !== 'stored' || !('name' in step)) return [];
    return heldMerchants([[step.name, before.document]])
      .filter(({ merchant }) => merchant === null)
      .map(({ place }) => place);
  });

const isGood = (collected: readonly Collected[]): boolean =>
  collected.every(({ document, findings }) => document !== null && !findings.some(isFault));

/** What a document that is stored would share with another. */
function sharedAfter(documents: StoredDocuments, steps: readonly Step[]): string[] {
  const changed = steps.flatMap((step) => (step.step === 'store' || step.step === 'keep' ? [step.name] : []));
  const isChanged = (place: string) => changed.some((name) => place === name || place.startsWith(`${name} `));
  return findShared(readable(afterSteps(documents, steps)))
    .filter(({ place, other }) => isChanged(place) || isChanged(other))
    .map(({ place, problem, other }) => `${place} ${problem} ${other}`);
}

/** More than that a document is new, or has changed and is of the merchant that it was of. */
const isGrave = ({ step }: Step): boolean => step !== 'store';

function unchanged(
  collected: readonly Collected[],
  steps: readonly Step[],
  { stage, tenant_id }: Arguments,
): string[] {
  const names = tenant_id === null ? collected.map(({ name }) => name) : [tenantDocumentName(tenant_id)];
  return names
    .filter((name) => !steps.some((step) => 'name' in step && step.name === name))
    .map((name) => `as is    ${secretName(stage.name, name)}, which is stored already`);
}

function providersAfter(documents: StoredDocuments, tenant_id: number | null): readonly Provider[] {
  const held = heldMerchants(readable(documents)).filter(
    ({ place, tenant_id: owner }) => !place.startsWith('merchants/') && owner === tenant_id,
  );
  return held.map(({ provider }) => provider);
}

function atProviders(
  { stage, tenant_id }: Arguments,
  { outputs }: DeployedStack,
  offered: readonly Provider[],
  collected: readonly Collected[],
): readonly string[] {
  const of = `--stage ${stage.name}${tenant_id === null ? '' : ` --tenant ${tenant_id}`}`;
  const isTold = collected.some(({ name }) => name === 'webhooks');
  return [
    ...providerGuide({ stage: stage.name, tenant_id, offered }, outputs),
    '',
    `Then: npm run doctor -- ${of}`,
    ...(isTold ? [`      npm run webhooks -- test ${of}`] : []),
  ];
}

const beforeDeployment = (
  stage: string,
  { account, region }: Identity,
  deploy: string,
): readonly string[] => [
  'Next:',
  `  npx cdk bootstrap aws://${account}/${region}    once for an account and region`,
  `  ${deploy}`,
  `  npm run setup -- --stage ${stage}    again: it then says what to enter at each provider`,
];
