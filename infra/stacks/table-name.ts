/** A stage's table: its stacks know it by this name, and so does whoever operates it. */
export const tableName = (stage: string): string => `settle-${stage}`;

/** Its table of deliveries, where it has webhooks. */
export const deliveriesTableName = (stage: string): string => `settle-${stage}-deliveries`;
