import { useEffect, useRef, useState } from 'react'
import type { Client } from '@pilothouse/client'

/** The first so many matches can be stepped through; beyond them the count says «+». */
const matchesMax = 1_000
const searchAfterMs = 220

export type LogMatches = {
  /** Numbers of the lines, in order. */
  lines: readonly number[]
  /** True when there are more than `lines` holds. */
  isCut: boolean
  at: number
  failed: boolean
}
const none: LogMatches = { lines: [], isCut: false, at: -1, failed: false }

export type LogSearchCalls = { client: Client; uid: string; attempt: number; onShow: (line: number) => void }

/** Searches the whole log on the server, and steps through what it found. */
export function useLogSearch(text: string, { client, uid, attempt, onShow }: LogSearchCalls) {
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
      const query = { attempt, text, direction: 'backward' as const, limit: matchesMax }
      const answer = await client.call('logs.search', { params: { uid }, query, signal: stop.signal })
      const lines = answer.lines.map(({ n }) => n).sort((a, b) => a - b)
      setMatches({ lines, isCut: answer.next !== null, at: lines.length - 1, failed: false })
      const last = lines.at(-1)
      if (last !== undefined) show.current(last)
    }
    const timer = setTimeout(
      () => void search().catch(() => stop.signal.aborted || setMatches({ ...none, failed: true })),
      searchAfterMs,
    )
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text, client, uid, attempt])

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
