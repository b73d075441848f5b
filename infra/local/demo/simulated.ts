import type { GivenDocuments } from '../documents.ts';

/** What the demonstration drives, by the document of the stage's that leads there, and where the simulators tell of it. */
const needed = {
  auth: '/tokens',
  wechat: '/accounts/wechat',
  alipay: '/accounts/alipay',
  stripe: '/accounts/stripe',
  wecom: '/wecom/messages',
  webhooks: '/inbox',
} as const satisfies Partial<Record<keyof GivenDocuments, string>>;

type Needed = keyof typeof needed;

const names = Object.keys(needed) as Needed[];

/** What a system with these documents would not simulate: what is given leads to its real provider, or is not there. */
export const notSimulatedWith = (given: GivenDocuments = {}): readonly Needed[] =>
  names.filter((name) => name in given);

/** What the system that runs there does not simulate. */
export async function notSimulatedAt(consoleUrl: string): Promise<readonly Needed[]> {
  const statuses = await Promise.all(
    names.map(async (name) => (await fetch(`${consoleUrl}/simulator${needed[name]}`)).status),
  );
  return names.filter((_, index) => statuses[index] === 503);
}
