import type { StoreContext } from '../../lib/store/client.ts';

/** What a request goes through on its way to the table: `send` sends it, and gives its answer. */
type Interception = (command: object, send: () => Promise<object>) => Promise<object>;

/** The same store, with something between it and its table. */
export function interceptedStore(context: StoreContext, intercept: Interception): StoreContext {
  const { client } = context;
  const send = (command: never, options: never) => intercept(command, () => client.send(command, options));
  return { ...context, client: Object.assign(Object.create(client), { send }) };
}

/** The same store, and the name of each request that it made. */
export function countedStore(context: StoreContext) {
  const asked: string[] = [];
  const counted = interceptedStore(context, (command, send) => {
    asked.push(command.constructor.name.replace('Command', ''));
    return send();
  });
  return { asked, context: counted };
}
