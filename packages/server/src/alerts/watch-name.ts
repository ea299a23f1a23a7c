import type { AnomalyKind } from '@pilothouse/contract'
import type { Selectable } from 'kysely'
import type { AlertTable } from '../storage/tables.ts'

/** What a watch is called, and the alert that is open of it: rule, job, and the series that it is about, if any. */
export type WatchName = {
  ruleId: number
  jobId: number
  source: string
  key: string
  /** Of a rule that looks for several, each with an alert of its own. */
  anomaly?: AnomalyKind | undefined
}

/** The watch that an alert is of. */
export function nameOf({
  rule_id,
  job_id,
  source,
  key,
  anomaly,
}: Pick<Selectable<AlertTable>, 'rule_id' | 'job_id' | 'source' | 'key' | 'anomaly'>): WatchName {
  const name = { ruleId: rule_id ?? 0, jobId: job_id, source: source ?? '', key: key ?? '' }
  return anomaly === null ? name : { ...name, anomaly }
}

/** As one text. */
export function formatName({ ruleId, jobId, source, key, anomaly }: WatchName): string {
  const name = `${ruleId}|${jobId}|${source}|${key}`
  return anomaly === undefined ? name : `${name}|${anomaly}`
}
