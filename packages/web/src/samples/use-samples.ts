import { useEffect, useRef } from 'react'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import type { HistogramBody, Sample, SampleKeysAnswer, SamplePage, TableBody, TextBody } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { mergeSampleKeys, stepsAsked } from './sample-steps.ts'

/** Samples of one key at one step in the first answer; more are fetched when asked for. */
const pageLimit = 200
/** Steps that a view through time takes in. */
export const historyLimit = 1_000
/** The same step is looked at again this long after a live sample of it, so that a burst costs one call. */
const lookAgainAfterMs = 250

/** The first page is the one that no cursor leads to. */
const firstPage: string | null = null

/** What a job has: keys and their steps, kept fresh by its topic. While `paused` it stays as it was. */
export function useSampleKeys(uid: string, paused: boolean) {
  const { client } = useServices()
  useLiveSamples(uid, paused)
  return useQuery({
    queryKey: ['samples', uid, 'keys'],
    queryFn: async ({ signal }) =>
      client.call('samples.keys', { params: { uid }, query: { steps: stepsAsked }, signal }),
  })
}

function useLiveSamples(uid: string, paused: boolean): void {
  const { live } = useServices()
  const queries = useQueryClient()
  const isPaused = useRef(paused)
  useEffect(() => {
    isPaused.current = paused
    if (!paused) void queries.invalidateQueries({ queryKey: ['samples', uid] })
  }, [paused, queries, uid])
  useEffect(() => {
    const changed = new Set<string>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const lookAgain = (): void => {
      timer = undefined
      for (const key of changed) void queries.invalidateQueries({ queryKey: ['samples', uid, 'of', key] })
      changed.clear()
    }
    const undo = live.subscribe(`samples:${uid}`, {
      onEvent: (event) => {
        if (isPaused.current) return
        queries.setQueryData<SampleKeysAnswer>(
          ['samples', uid, 'keys'],
          (known) => known && mergeSampleKeys(known, event),
        )
        for (const { key } of event.samples) changed.add(key)
        if (event.skipped > 0) void queries.invalidateQueries({ queryKey: ['samples', uid, 'keys'] })
        timer ??= setTimeout(lookAgain, lookAgainAfterMs)
      },
      onReset: () => {
        if (!isPaused.current) void queries.invalidateQueries({ queryKey: ['samples', uid] })
      },
    })
    return () => {
      clearTimeout(timer)
      undo()
    }
  }, [live, queries, uid])
}

/** The samples of a key at a step, page after page. While the next step is on its way the one before stays in sight. */
export function useSamplesAt(uid: string, key: string, step: number) {
  const { client } = useServices()
  return useInfiniteQuery({
    queryKey: ['samples', uid, 'of', key, 'at', step],
    queryFn: async ({ pageParam, signal }): Promise<SamplePage> => {
      const query = { key: [key], step, limit: pageLimit, ...(pageParam === null ? {} : { cursor: pageParam }) }
      return client.call('samples.list', { params: { uid }, query, signal })
    },
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous, query) => (query?.queryKey[3] === key ? previous : undefined),
  })
}

/** Samples of a key over a range of steps, at most `historyLimit`. */
export function useSampleHistory(uid: string, key: string, from: number) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['samples', uid, 'of', key, 'from', from],
    queryFn: async ({ signal }): Promise<SamplePage> =>
      client.call('samples.list', { params: { uid }, query: { key: [key], from, limit: historyLimit }, signal }),
    placeholderData: (previous, query) => (query?.queryKey[3] === key ? previous : undefined),
  })
}

type Bodies = { table: TableBody; histogram: HistogramBody; text: TextBody }

/** The body of a sample: as it came with the list, or fetched when it was too large for that. */
export function useSampleBody<Kind extends keyof Bodies>(uid: string, sample: Sample & { kind: Kind }) {
  const { client } = useServices()
  const whole = useQuery({
    queryKey: ['sample', uid, sample.id],
    queryFn: async ({ signal }) => {
      const response = await client.open('samples.content', { params: { uid, id: sample.id }, signal })
      return (await response.json()) as Bodies[Kind] // our own server wrote it, and the kind says which it is
    },
    enabled: sample.body === null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const given = sample.body as Bodies[Kind] | null // the kind says which body it is
  return { body: given ?? whole.data, error: whole.error, retry: () => void whole.refetch() }
}
