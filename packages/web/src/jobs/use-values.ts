import { useMemo } from 'react'
import { useQueries } from '@tanstack/react-query'
import type { JobCard, SearchValuesAnswer, ValueName } from '@pilothouse/contract'
import { isEnded, limits } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'
import { isValueName, type Column } from './job-columns.ts'
import type { RowWindow } from './row-window.ts'

/** Values of jobs that report are asked for again so often; the server has them about as fresh. */
const refreshMs = 10_000

type Values = SearchValuesAnswer['values'][string]
export type KnownValues = {
  /** In the order of the columns that are values; what is on its way is undefined. */
  names: readonly ValueName[]
  read: (uid: string) => Values | undefined
}

/** Values of the columns for the rows in sight, asked for in blocks; what was known stays while it is asked for anew. */
export function useValues(cards: readonly JobCard[], columns: readonly Column[], seen: RowWindow): KnownValues {
  const { client } = useServices()
  const text = columns.filter(isValueName).join('\n')
  const names = useMemo(() => text.split('\n').filter(isValueName), [text])
  /** By uid, for these names alone. */
  const known = useMemo(() => ({ for: names, values: new Map<string, Values>() }), [names])
  const size = limits.searchValueJobsMax
  const blocks = []
  if (names.length > 0) {
    for (let at = Math.floor(seen.first / size) * size; at < seen.last; at += size)
      blocks.push(cards.slice(at, at + size))
  }
  useQueries({
    queries: blocks.map((block) => {
      const uid = block.map((card) => card.uid)
      return {
        queryKey: ['values', names, uid],
        staleTime: refreshMs / 2,
        refetchInterval: block.some(({ state }) => !isEnded(state)) ? refreshMs : (false as const),
        queryFn: async ({ signal }: { signal: AbortSignal }) => {
          const { values } = await client.call('search.values', { query: { uid, value: [...names] }, signal })
          for (const [one, found] of Object.entries(values)) known.values.set(one, found)
          return values
        },
      }
    }),
  })
  return { names, read: (uid) => known.values.get(uid) }
}
