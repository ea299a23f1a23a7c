import { alertLevels } from '@pilothouse/contract/wire'
import { readChoice } from '../app/search-params.ts'

export const alertTabs = ['alerts', 'rules', 'channels'] as const
export type AlertTab = (typeof alertTabs)[number]

/** The page «Alerts» as its address has it. */
export type AlertsSearch = {
  /** Absent: the alerts themselves. */
  tab?: AlertTab
  /** Absent: those that are open. */
  status?: 'all' | 'resolved'
  level?: (typeof alertLevels)[number]
  /** Alerts of one job; on the rules, a new rule for it. */
  job?: string
  /** Id of the rule that is open, or `new`; on the alerts, of the rule that raised them. */
  rule?: string
}

export function readAlertsSearch(raw: Record<string, unknown>): AlertsSearch {
  const tab = readChoice(raw['tab'], alertTabs)
  const status = readChoice(raw['status'], ['all', 'resolved'] as const)
  const level = readChoice(raw['level'], alertLevels)
  const { job, rule } = raw
  return {
    ...(tab === undefined || tab === 'alerts' ? {} : { tab }),
    ...(status === undefined ? {} : { status }),
    ...(level === undefined ? {} : { level }),
    ...(typeof job === 'string' && job !== '' ? { job } : {}),
    ...(typeof rule === 'string' && /^(new|\d+)$/.test(rule) ? { rule } : {}),
  }
}
