/** Where an alarm's description leads: the heading of a section of the runbook, as GitHub makes it an anchor. */
export const runbookLink = (section: string): string => `docs/runbook.md#${section}`;
