import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { UsageError } from '../../command/command.ts';
import type { DocumentName } from '../../endpoints.ts';
import { describeIdentity, type Identity, readIdentity } from '../aws.ts';
import { describeFinding } from '../documents/inspect/finding.ts';
import {
  connectSecretsManager,
  readStored,
  restoreCommand,
  secretName,
  storeDocument,
  whyMissing,
} from '../documents/stored-document.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { type DeployedStack, deployCommand, readStack } from '../stack.ts';
import { useRegionOf } from '../stage.ts';
import { type Arguments, command, readArguments } from './arguments.ts';
import { type Collected, collectDocument, isChanged, isFault } from './collect-document.ts';
import { createFindField } from './find-field.ts';
import type { Prompts } from './prompts.ts';
import { providerGuide, stripeCallbackUrl } from './provider-guide.ts';

interface SetupSurroundings extends Omit<Surroundings, 'io'> {
  readonly now: () => number;
  readonly fetch: typeof fetch;
  readonly prompts: Prompts;
}

/** @returns the exit code: 0 when every document is stored, 1 when one is not good, 2 when nothing could be done */
export const run = (words: readonly string[], surroundings: SetupSurroundings): Promise<0 | 1 | 2> =>
  runOperation(command, words, surroundings, (values) => setUp(readArguments(values), surroundings));

async function setUp(
  options: Arguments,
  { variables, now, fetch, prompts, output }: SetupSurroundings,
): Promise<0 | 1> {
  const { stage, names, folder, isReplacing } = options;
  const say = (line: string) => output.write(`${line}\n`);
  useRegionOf(stage, variables);
  const identity = await readIdentity();
  say(`stage ${stage.name}: ${describeIdentity(identity)}`);
  await confirm(options, prompts);

  const stack = await readStack(stage.name);
  const secrets = connectSecretsManager();
  const notes = stack ? { webhook_secrets: `the webhook leads to ${stripeCallbackUrl(stack.outputs)}` } : {};
  // All of them before anything is asked: an answer is not to be lost to a permission that is missing.
  const all = await readAllStored(secrets, stage.name, names);
  for (const { id, stored } of all) {
    if (stored.state === 'deleted') say(`${id} ${whyMissing.deleted}: ${restoreCommand(id)}`);
  }
  const collected: Collected[] = [];
  for (const { name, stored } of all) {
    const findField = createFindField(name, fetch);
    const context = { stage: stage.name, folder, isReplacing, prompts, say, notes, now: now(), findField };
    collected.push(await collectDocument(name, stored, context));
  }
  say('');
  for (const line of collected.flatMap((one) => remarks(one, stage.name))) say(line);
  if (collected.some(({ document, findings }) => document === null || findings.some(isFault))) {
    say('Nothing was stored.');
    return 1;
  }
  await storeAll(secrets, collected, stage.name, say);
  say('');
  for (const line of stack ? atProviders(stage.name, stack) : beforeDeployment(stage.name, identity))
    say(line);
  return 0;
}

const readAllStored = (client: SecretsManagerClient, stage: string, names: readonly DocumentName[]) =>
  Promise.all(
    names.map(async (name) => {
      const id = secretName(stage, name);
      return { name, id, stored: await readStored(client, id) };
    }),
  );

/** @throws Error when the person does not want to go on */
async function confirm({ isConfirmed, stage }: Arguments, prompts: Prompts): Promise<void> {
  if (isConfirmed) return;
  if (!prompts.isInteractive) throw new UsageError('--yes is needed where nobody can be asked');
  if (!(await prompts.confirm(`Set up ${stage.name} there?`))) throw new Error('nothing was done');
}

/** What there is to say of a document before it is stored. */
function remarks({ name, stored, document, notes, findings }: Collected, stage: string): string[] {
  if (stored.state !== 'stored' && document === null) {
    const missing = `${secretName(stage, name)} ${whyMissing[stored.state]}`;
    return [`fault    ${name}: ${missing}, and there is no ${name}.json`];
  }
  return [
    ...findings.map((finding) => `${finding.level.padEnd(8)} ${describeFinding(name, finding)}`),
    ...notes.map((note) => `note     ${name}: ${note}`),
  ];
}

async function storeAll(
  client: SecretsManagerClient,
  collected: readonly Collected[],
  stage: string,
  say: (line: string) => void,
): Promise<void> {
  for (const one of collected) {
    const id = secretName(stage, one.name);
    if (one.document && isChanged(one)) {
      await storeDocument(client, id, one.document, one.stored);
      say(`stored   ${id}`);
    } else say(`kept     ${id}, as it is stored already`);
  }
}

const atProviders = (stage: string, { outputs }: DeployedStack): readonly string[] => [
  ...providerGuide(stage, outputs),
  '',
  `Then: npm run doctor -- --stage ${stage}`,
];

const beforeDeployment = (stage: string, { account, region }: Identity): readonly string[] => [
  'Next:',
  `  npx cdk bootstrap aws://${account}/${region}    once for an account and region`,
  `  ${deployCommand(stage)}`,
  `  npm run setup -- --stage ${stage}    again: it then says what to enter at each provider`,
];
