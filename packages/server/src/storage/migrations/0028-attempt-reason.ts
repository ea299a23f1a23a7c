/** Why an attempt ended, in words: one that was put back into a queue is neither lost nor did it fail. */
export function attemptReasonMigration(): string[] {
  return ['alter table attempt add column reason text']
}
