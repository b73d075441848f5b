/** What the stack tells a function about where it runs. */
export interface Environment {
  readonly tableName: string;
  readonly stage: string;
  /** The address that providers reach us at, without a slash at its end. */
  readonly publicUrl: string;
  /** Begins every order number of the stage; empty where no other stage shares its merchant accounts. */
  readonly orderPrefix: string;
  /** Hosts that a provider's page may lead back to, where a request names an address. */
  readonly returnHosts: readonly string[];
  /** Null where WeChat is not told what was sent. */
  readonly shipping: { readonly withinHours: number; readonly mealPickup: boolean } | null;
}

/** @throws Error naming the variable that is missing or wrong */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const required = (name: string): string => {
    const value = variables[name];
    if (!value) throw new Error(`environment variable ${name} is missing`);
    return value;
  };
  const { ORDER_PREFIX: orderPrefix = '' } = variables;
  // With the longest order number, the 32 characters that WeChat Pay takes as `out_trade_no`.
  if (!/^[a-z0-9]{0,2}$/.test(orderPrefix)) {
    throw new Error('environment variable ORDER_PREFIX must be at most 2 of a-z and 0-9');
  }
  const publicUrl = required('PUBLIC_URL').replace(/\/$/, '');
  // With the longest path of a callback, the 255 characters that WeChat Pay takes as `notify_url`, which takes no query.
  if (!/^https?:\/\/[^\s?#]+$/.test(publicUrl) || publicUrl.length > 200) {
    throw new Error(
      'environment variable PUBLIC_URL must be an address of at most 200 characters, without a query',
    );
  }
  return {
    orderPrefix,
    returnHosts: (variables['RETURN_URL_HOSTS'] ?? '').split(',').filter((host) => host !== ''),
    shipping: readShipping(variables),
    tableName: required('TABLE_NAME'),
    stage: required('STAGE'),
    publicUrl,
  };
}

function readShipping({
  SHIPPING_WITHIN_HOURS: hours,
  MEAL_PICKUP,
}: NodeJS.ProcessEnv): Environment['shipping'] {
  if (!hours) return null;
  if (!/^[1-9][0-9]{0,2}$/.test(hours)) {
    throw new Error('environment variable SHIPPING_WITHIN_HOURS must be a whole number of hours');
  }
  return { withinHours: Number(hours), mealPickup: MEAL_PICKUP === 'true' };
}
