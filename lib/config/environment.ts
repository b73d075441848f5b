/** What the stack tells a function about where it runs. */
export interface Environment {
  readonly tableName: string;
  readonly stage: string;
  /** The address that providers reach us at, without a slash at its end. */
  readonly publicUrl: string;
}

/** @throws Error naming the variable that is missing */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const required = (name: string): string => {
    const value = variables[name];
    if (!value) throw new Error(`environment variable ${name} is missing`);
    return value;
  };
  return {
    tableName: required('TABLE_NAME'),
    stage: required('STAGE'),
    publicUrl: required('PUBLIC_URL').replace(/\/$/, ''),
  };
}
