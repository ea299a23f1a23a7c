import { useState } from 'react'
import { showToast } from '../ui/toasts.tsx'
import type { LogSearchCalls } from './use-log-search.ts'

type Direction = 'forward' | 'backward'

/** The line of level error that was jumped to, and how to jump to the next one; the first jump goes to the last error. */
export function useErrorLine({ client, uid, attempt, onShow }: LogSearchCalls) {
  const [line, setLine] = useState<number>()
  const search = async (direction: Direction): Promise<void> => {
    const way = line === undefined ? 'backward' : direction
    let from = line === undefined ? undefined : way === 'forward' ? line + 1 : line
    for (;;) {
      const query = {
        attempt,
        level: ['error' as const],
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
        showToast({
          words:
            line === undefined
              ? 'The log has no errors.'
              : `No error ${way === 'forward' ? 'after' : 'before'} this one.`,
        })
        return
      }
      from = next
    }
  }
  const find = (direction: Direction): void =>
    void search(direction).catch((error: unknown) =>
      showToast({ words: error instanceof Error ? error.message : String(error), isBad: true }),
    )
  return { line, find }
}
