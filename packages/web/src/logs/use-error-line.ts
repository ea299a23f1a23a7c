import { useState } from 'react'
import { showToast } from '../ui/toasts.tsx'
import type { LogSearchCalls } from './use-log-search.ts'

type Direction = 'forward' | 'backward'

/** Jumps to the next line of level error, of those that are shown; the first jump goes to the last one. */
export function useErrorLine({ client, uid, attempt, filter, onShow }: LogSearchCalls): (to: Direction) => void {
  const [line, setLine] = useState<number>()
  const { levels, stream } = filter
  const search = async (direction: Direction): Promise<void> => {
    if (levels.length > 0 && !levels.includes('error')) {
      showToast({ words: 'Errors are not among the levels that are shown.' })
      return
    }
    const way = line === undefined ? 'backward' : direction
    let from = line === undefined ? undefined : way === 'forward' ? line + 1 : line
    for (;;) {
      const query = {
        attempt,
        level: ['error' as const],
        stream,
        direction: way,
        limit: 1,
        ...(from === undefined ? {} : { from }),
      }
      const { lines, next } = await client.call('logs.search', { params: { uid }, query })
      const found = lines[0]?.n
      if (found !== undefined) {
        setLine(found)
        onShow(found)
        return
      }
      if (next === null) {
        showToast({ words: describeNone(line, way) })
        return
      }
      from = next
    }
  }
  return (direction) =>
    void search(direction).catch((error: unknown) =>
      showToast({ words: error instanceof Error ? error.message : String(error), isBad: true }),
    )
}

function describeNone(line: number | undefined, way: Direction): string {
  if (line === undefined) return 'The log has no errors.'
  return `No error ${way === 'forward' ? 'after' : 'before'} this one.`
}
