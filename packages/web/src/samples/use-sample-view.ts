import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { JobSearch } from '../job/job-search.ts'

const route = getRouteApi('/frame/job/$uid')

export type SampleView = {
  key: string | undefined
  /** Absent: the newest, whatever comes. */
  step: number | undefined
  pins: readonly number[]
  setKey: (key: string) => void
  setStep: (step: number | undefined) => void
  setPins: (pins: readonly number[]) => void
}

type Change = { [Key in keyof JobSearch]?: JobSearch[Key] | undefined }

/** What is looked at: read from the address and written into it, so that a link brings it back. */
export function useSampleView(): SampleView {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/job/$uid' })
  const change = (next: Change): void =>
    void navigate({ search: (before) => ({ ...before, ...next }) as JobSearch, replace: true }) // absent parts are dropped when read
  return {
    key: search.sample,
    step: search.at === undefined ? undefined : Number(search.at),
    pins: (search.pin ?? []).map(Number),
    setKey: (key) => change({ sample: key }),
    setStep: (step) => change({ at: step === undefined ? undefined : String(step) }),
    setPins: (pins) => change({ pin: pins.map(String) }),
  }
}
