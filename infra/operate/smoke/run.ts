import { createStoreContext } from '../../../lib/store/client.ts';
import { exitCodeOf, formatResult, summarize } from '../doctor/check.ts';
import { documentOf, offeredBy, readDocuments } from '../doctor/documents.ts';
import { checkRoutes } from '../doctor/routes.ts';
import { reachStage } from '../local-stage.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { readStack, readWebhooksStack, stackName } from '../stack.ts';
import { findTableName } from '../stage.ts';
import { readSigner } from '../token/run.ts';
import { command, readArguments, subjectOf } from './arguments.ts';
import { tryFreeOrder } from './free-order.ts';

/** @returns the exit code: 0 when all of it works, else 2 */
export const run = (words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> =>
  runOperation(command, words, surroundings, async (values) => {
    const { variables, io, output } = surroundings;
    const { stage } = readArguments(values);
    await reachStage(stage, variables, io);
    const url = variables['PUBLIC_URL'] || (await findUrl(stage.name));
    const documents = await readDocuments(stage.name, []);
    const webhooks = variables['EVENT_BUS_NAME'] ? true : (await readWebhooksStack(stage.name)) !== null;
    const routes = await checkRoutes(io, url, { providers: offeredBy(documents), webhooks });
    for (const result of routes) output.write(`${formatResult(result)}\n`);
    const order = await tryFreeOrder({
      ...{ io, url },
      store: createStoreContext(await findTableName(stage.name, variables), io),
      orderPrefix: stage.orderPrefix ?? '',
      ...(await readTokens(stage.name, variables)),
      isTold: documentOf(documents, 'wecom') !== null,
    });
    for (const result of order) output.write(`${formatResult(result)}\n`);
    const results = [...routes, ...order];
    output.write(`${summarize(results)}\n`);
    return exitCodeOf(results);
  });

/** @throws Error when there is no stack */
async function findUrl(stage: string): Promise<string> {
  const url = (await readStack(stage))?.outputs['ApiUrl'];
  if (url) return url;
  throw new Error(`there is no ${stackName(stage)} in this account and region`);
}

const SUBJECT = 'smoke-test';

/** @throws Error where they are neither given nor can be signed */
async function readTokens(stage: string, { ADMIN_TOKEN, USER_TOKEN }: NodeJS.ProcessEnv) {
  if (ADMIN_TOKEN && USER_TOKEN) {
    return { admin: ADMIN_TOKEN, user: { token: USER_TOKEN, sub: subjectOf(USER_TOKEN) } };
  }
  const sign = await readSigner(stage);
  if (!sign) throw new Error("ADMIN_TOKEN and USER_TOKEN are needed: the stage's login alone signs");
  return {
    admin: await sign(SUBJECT, { role: 'admin', all_tenants: true }, '15 minutes'),
    user: { token: await sign(SUBJECT, { role: 'user' }, '15 minutes'), sub: SUBJECT },
  };
}
