import { fromEnv } from '@aws-sdk/credential-provider-env';

/** Stands in for the SDK's chain of credential providers in the bundles: the environment is the only source used. */
export const defaultProvider = () => fromEnv();
