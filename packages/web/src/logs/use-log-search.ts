import { useEffect, useRef, useState } from 'react'
import type { Client } from '@pilothouse/client'
import type { LogFilter } from './log-reader.ts'

/** The first so many matches can be stepped through; beyond them the count says «+». */
const matchesMax = 1_000
const searchAfterMs = 220

export type LogMatches = {
  /** Numbers of the lines, in order. */
  lines: readonly number[]
  /** True when there are more than `lines` holds. */
  isCut: boolean
  at: number
  /** Older parts are still being looked through. */
  isSearching: boolean
  /** Why nothing could be searched for; null when it could. */
  problem: string | null
}
const none: LogMatches = { lines: [], isCut: false, at: -1, isSearching: false, problem: null }

export type LogSearchCalls = {
  client: Client
  uid: string
  attempt: number
  /** Only the lines that are shown are looked through. */
  filter: LogFilter
  onShow: (line: number) => void
}

export type LogSearched = { text: string; isRegex: boolean }

/** Searches the whole log on the server, part after part from its end, and steps through what it found. */
export function useLogSearch({ text, isRegex }: LogSearched, { client, uid, attempt, filter, onShow }: LogSearchCalls) {
  const [matches, setMatches] = useState<LogMatches>(none)
  const show = useRef(onShow)
  useEffect(() => {
    show.current = onShow
  })
  useEffect(() => {
    if (text.trim() === '') {
      setMatches(none)
      return undefined
    }
    const stop = new AbortController()
    const search = async (): Promise<void> => {
      let lines: number[] = []
      let next: number | null | undefined
      while (next !== null && lines.length < matchesMax) {
        const from = next === undefined ? {} : { from: next }
        const query = {
          attempt,
          text,
          regex: String(isRegex),
          level: [...filter.levels],
          stream: filter.stream,
          direction: 'backward' as const,
          limit: matchesMax,
          ...from,
        }
        const answer = await client.call('logs.search', { params: { uid }, query, signal: stop.signal })
        const isFirst = lines.length === 0
        const found = answer.lines.map(({ n }) => n).sort((a, b) => a - b)
        next = answer.next
        lines = [...found, ...lines].slice(-matchesMax)
        const last = lines.at(-1)
        if (isFirst && last !== undefined) show.current(last)
        // Older matches come in front: whoever steps meanwhile stays at the same line.
        setMatches(({ at, lines: before }) => ({
          lines,
          at: isFirst || at < 0 ? lines.length - 1 : at + lines.length - before.length,
          isCut: next !== null,
          problem: null,
          isSearching: next !== null && lines.length < matchesMax,
        }))
      }
    }
    setMatches({ ...none, isSearching: true })
    const timer = setTimeout(
      () =>
        void search().catch((error: unknown) => {
          const problem = error instanceof Error ? error.message : String(error)
          if (!stop.signal.aborted) setMatches({ ...none, problem })
        }),
      searchAfterMs,
    )
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text, isRegex, client, uid, attempt, filter])

  const step = (by: 1 | -1): void => {
    const { lines, at } = matches
    if (lines.length === 0) return
    const next = (at + by + lines.length) % lines.length
    setMatches({ ...matches, at: next })
    const line = lines[next]
    if (line !== undefined) show.current(line)
  }
  return { matches, step }
}
