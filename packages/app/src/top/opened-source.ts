/** What every source of the screen shares, wherever it takes its rows from. */
import { type HealthProfile, healthProfiles } from '@pilothouse/signals'
import { realTimers, type TopSource, type TopTimers } from '@pilothouse/terminal/top'
import { topLimits, type TopSettings } from './top-settings.ts'

/** Who is asked. */
export type Asked = 'providers' | 'controlRoom'

/** `close` ends what the source alone does not: connections to machines. */
export type OpenedSource = { source: TopSource; asks: Asked; close(): Promise<void> }

type Shared = { intervalMs: number; profile: HealthProfile; readOnly: boolean; timers: TopTimers }

/** What the settings say of every source; what they leave out is as usual. */
export function readShared({ interval, profile, readOnly }: TopSettings): Shared {
  return {
    intervalMs: (interval ?? topLimits.intervalS) * 1_000,
    profile: profile ?? healthProfiles.default,
    readOnly: readOnly ?? false,
    timers: realTimers,
  }
}
