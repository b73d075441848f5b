import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describeIdentity, type Identity, readIdentity } from '../deployed/identity.ts';
import { describeFinding } from '../deployed/inspect/finding.ts';
import { type DeployedStack, deployCommand, readStack } from '../deployed/stack.ts';
import { useRegionOf } from '../deployed/stage-option.ts';
import { connectSecretsManager, readStored, secretName } from '../deployed/stored-document.ts';
import type { TextOutput } from '../deployed/text-output.ts';
import { UsageError } from '../deployed/usage-error.ts';
import { type Arguments, readArguments, usage } from './arguments.ts';
import { type Collected, collectDocument, isChanged, isFault } from './collect-document.ts';
import { providerGuide, stripeCallbackUrl } from './provider-guide.ts';
import { storeDocument } from './store-document.ts';
import type { Terminal } from './terminal.ts';

export interface Surroundings {
  readonly variables: NodeJS.ProcessEnv;
  readonly now: () => number;
  readonly terminal: Terminal;
  /** Takes why nothing could be done. */
  readonly errors: TextOutput;
}

/** @returns the exit code: 0 when every document is stored, 1 when one is not good, 2 when nothing could be done */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> {
  const { errors } = surroundings;
  try {
    return await setUp(readArguments(words), surroundings);
  } catch (error) {
    errors.write(`setup: ${error instanceof Error ? error.message || error.name : error}\n`);
    if (error instanceof UsageError) errors.write(`usage: ${usage}\n`);
    return 2;
  }
}

async function setUp(options: Arguments, { variables, now, terminal }: Surroundings): Promise<0 | 1> {
  const { stage, names, folder, isReplacing } = options;
  const say = (line: string) => terminal.write(`${line}\n`);
  useRegionOf(stage, variables);
  const identity = await readIdentity();
  say(`stage ${stage.name}: ${describeIdentity(identity)}`);
  await confirm(options, terminal);

  const stack = await readStack(stage.name);
  const secrets = connectSecretsManager();
  const notes = stack ? { webhook_secrets: `the webhook leads to ${stripeCallbackUrl(stack.outputs)}` } : {};
  const collected: Collected[] = [];
  for (const name of names) {
    const stored = await readStored(secrets, secretName(stage.name, name));
    const context = { stage: stage.name, folder, isReplacing, terminal, notes, now: now() };
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

/** @throws Error when the person does not want to go on */
async function confirm({ isConfirmed, stage }: Arguments, terminal: Terminal): Promise<void> {
  if (isConfirmed) return;
  if (!terminal.isInteractive) throw new UsageError('--yes is needed where nobody can be asked');
  const answer = await terminal.ask(`Set up ${stage.name} there? (yes/no) `);
  if (!/^y(es)?$/i.test(answer)) throw new Error('nothing was done');
}

/** What there is to say of a document before it is stored. */
function remarks({ name, stored, document, notes, findings }: Collected, stage: string): string[] {
  if (document === null) {
    const has = stored.state === 'malformed' ? 'holds no JSON object' : 'is not stored';
    return [`fault    ${name}: ${secretName(stage, name)} ${has}, and there is no ${name}.json`];
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
