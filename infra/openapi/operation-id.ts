/** Of what is made, the name of the endpoint tells less than what it does. */
const ownIds: Readonly<Record<string, string>> = { checkout: 'createCheckout', refund: 'createRefund' };

/** `list-orders` → `listOrders`: by which generated code calls an endpoint. */
export const operationIdOf = (name: string): string =>
  ownIds[name] ?? name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
