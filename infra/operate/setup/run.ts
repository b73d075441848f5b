import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { DocumentName } from '../../endpoints.ts';
import { describeIdentity, type Identity, readIdentity } from '../command/identity.ts';
import { describeFinding } from '../command/inspect/finding.ts';
import { runCommand, type Surroundings } from '../command/run-command.ts';
import { type DeployedStack, deployCommand, readStack } from '../command/stack.ts';
import { useRegionOf } from '../command/stage-option.ts';
import {
  connectSecretsManager,
  readStored,
  restoreCommand,
  secretName,
  whyMissing,
} from '../command/stored-document.ts';
import { UsageError } from '../command/usage-error.ts';
import { type Arguments, readArguments, usage } from './arguments.ts';
import { type Collected, collectDocument, isChanged, isFault } from './collect-document.ts';
import { createFindField } from './find-field.ts';
import { providerGuide, stripeCallbackUrl } from './provider-guide.ts';
import { storeDocument } from './store-document.ts';
import type { Terminal } from './terminal.ts';

interface SetupSurroundings extends Pick<Surroundings, 'variables' | 'errors'> {
  readonly now: () => number;
  readonly fetch: typeof fetch;
  readonly terminal: Terminal;
}

/** @returns the exit code: 0 when every document is stored, 1 when one is not good, 2 when nothing could be done */
export const run = (words: readonly string[], surroundings: SetupSurroundings): Promise<0 | 1 | 2> =>
  runCommand({ name: 'setup', usage }, surroundings.errors, () => setUp(readArguments(words), surroundings));

async function setUp(
  options: Arguments,
  { variables, now, fetch, terminal }: SetupSurroundings,
): Promise<0 | 1> {
  const { stage, names, folder, isReplacing } = options;
  const say = (line: string) => terminal.write(`${line}\n`);
  useRegionOf(stage, variables);
  const identity = await readIdentity();
  say(`stage ${stage.name}: ${describeIdentity(identity)}`);
  await confirm(options, terminal);

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
    const context = { stage: stage.name, folder, isReplacing, terminal, notes, now: now(), findField };
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
async function confirm({ isConfirmed, stage }: Arguments, terminal: Terminal): Promise<void> {
  if (isConfirmed) return;
  if (!terminal.isInteractive) throw new UsageError('--yes is needed where nobody can be asked');
  const answer = await terminal.ask(`Set up ${stage.name} there? (yes/no) `);
  if (!/^y(es)?$/i.test(answer)) throw new Error('nothing was done');
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
