/** A stage's table: both stacks of the stage know it by this name, and so does whoever operates it. */
export const tableName = (stage: string): string => `settle-${stage}`;
