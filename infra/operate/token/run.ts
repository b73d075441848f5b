import { connectSecretsManager, readStored, secretName, whyMissing } from '../documents/stored-document.ts';
import { reachStage } from '../local-stage.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { command, readArguments } from './arguments.ts';
import { createTokenSigner, type SignToken } from './sign-token.ts';

/** @returns the exit code: 0 when the token is printed, 2 when it could not be signed */
export const run = (words: readonly string[], surroundings: Surroundings): Promise<0 | 2> =>
  runOperation(command, words, surroundings, async (values) => {
    const { variables, io, output } = surroundings;
    const { stage, role, sub, tenant_id, minutes } = readArguments(values);
    await reachStage(stage, variables, io);
    const sign = await readSigner(stage.name);
    if (!sign) {
      const held = `${secretName(stage.name, 'auth')} holds no hs256_secret: its login alone signs`;
      throw new Error(`${held}. Ask your login for a token with the role ${role}`);
    }
    const claims = { role, ...(tenant_id === null ? allTenants(role) : { tenant_id }) };
    output.write(`${await sign(sub, claims, `${minutes} minutes`)}\n`);
    return 0;
  });

/** Some stages want it said. */
const allTenants = (role: string) => (role === 'user' ? {} : { all_tenants: true });

/** Null where the stage's login keeps its key to itself. @throws Error when there is no document */
export async function readSigner(stage: string): Promise<SignToken | null> {
  const id = secretName(stage, 'auth');
  const auth = await readStored(connectSecretsManager(), id);
  if (auth.state !== 'stored') throw new Error(`${id} ${whyMissing[auth.state]}: npm run setup`);
  return createTokenSigner(auth.document);
}
