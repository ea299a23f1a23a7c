import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { XAxis } from '@pilothouse/contract'
import { defaultSmoothing, formatRange, readRange, readSmoothing, type JobSearch } from './job-search.ts'

const route = getRouteApi('/frame/job/$uid')

export type ChartView = {
  x: XAxis
  smoothing: number
  range: readonly [number, number] | null
  keys: string
  setX: (x: XAxis) => void
  setSmoothing: (factor: number) => void
  setRange: (range: readonly [number, number] | null) => void
  setKeys: (keys: string) => void
  /** Props of one chart that live in the address. */
  of: (title: string) => {
    log: boolean
    onLog: (on: boolean) => void
    isTable: boolean
    onTable: (on: boolean) => void
  }
}

type Change = { [Key in keyof JobSearch]?: JobSearch[Key] | undefined }

/** How the charts are looked at: read from the address and written into it, so that a link brings the view back. */
export function useChartView(): ChartView {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/job/$uid' })
  const change = (next: Change): void =>
    void navigate({ search: (before) => ({ ...before, ...next }) as JobSearch, replace: true }) // absent parts are dropped when read
  const toggle = (name: 'log' | 'table', title: string, on: boolean): void => {
    const others = (search[name] ?? []).filter((one) => one !== title)
    change({ [name]: on ? [...others, title] : others })
  }
  return {
    x: search.x ?? 'step',
    smoothing: readSmoothing(search.smooth) ?? defaultSmoothing,
    range: readRange(search.range),
    keys: search.keys ?? '',
    setX: (x) => change({ x: x === 'step' ? undefined : x, range: undefined }),
    setSmoothing: (factor) => change({ smooth: factor === defaultSmoothing ? undefined : String(factor) }),
    setRange: (range) => change({ range: range === null ? undefined : formatRange(range) }),
    setKeys: (keys) => change({ keys: keys === '' ? undefined : keys }),
    of: (title) => ({
      log: search.log?.includes(title) ?? false,
      onLog: (on) => toggle('log', title, on),
      isTable: search.table?.includes(title) ?? false,
      onTable: (on) => toggle('table', title, on),
    }),
  }
}
