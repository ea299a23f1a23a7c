/** What `pilothouse top` goes by, whoever said it: the command line first, then its file, then what is usual. */
import type { HealthProfile, UserPattern } from '@pilothouse/signals'

/** Providers that can be asked without a control room. */
export const askedProviders = ['vast', 'runpod'] as const
export type AskedProvider = (typeof askedProviders)[number]

export const themes = ['auto', 'dark', 'light', 'mono'] as const
export type TopTheme = (typeof themes)[number]

export type TopGroup = { name: string; match: string[] }

/** Absent: nobody said. */
export type TopSettings = {
  /** s */
  interval?: number
  providers?: AskedProvider[]
  /** Ids of machines. */
  instances?: string[]
  all?: boolean
  mock?: boolean
  url?: string
  tokenFile?: string
  readOnly?: boolean
  theme?: TopTheme
  title?: string
  groups?: TopGroup[]
  profile?: HealthProfile
  patterns?: UserPattern[]
  /** Files that logs are looked for in on machines; `*` stands for any letters of a name. */
  logs?: string[]
  webhook?: string
}

export const topLimits = { intervalMinS: 1, intervalMaxS: 3_600, intervalS: 5, listMax: 500 } as const
