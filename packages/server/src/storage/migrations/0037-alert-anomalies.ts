/** Which anomaly an alert is about: rules that look for several have one open alert of each. */
export function alertAnomaliesMigration(): string[] {
  return ['alter table alert add column anomaly text']
}
