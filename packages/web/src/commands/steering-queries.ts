/** Lists of steering, by the names under which they are kept; `steering:{uid}` says which of them to ask for again. */
import { useEffect, useRef } from 'react'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import type { SteeringChange } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'

type Part = SteeringChange['parts'][number]
const all: readonly Part[] = ['commands', 'parameters', 'checkpoints', 'schedules', 'proposals', 'launch']

const keys = {
  commands: (uid: string) => [['commands', uid]],
  parameters: (uid: string) => [
    ['parameters', uid],
    ['changes', uid],
  ],
  // A checkpoint goes away with its notes, and comes back with them.
  checkpoints: (uid: string) => [['checkpoints', uid]],
  schedules: (uid: string) => [['schedules', uid]],
  proposals: (uid: string) => [['proposals', uid]],
  launch: (uid: string) => [['launch', uid]],
} as const satisfies Record<Part, (uid: string) => string[][]>

/** A script may change a value with every step: lists are asked for again at most so often, ms. */
const gatherMs = 150

/** Asks again for lists of a job that may be other than before. */
export async function refreshSteering(queries: QueryClient, uid: string, parts: readonly Part[] = all): Promise<void> {
  const named = parts.flatMap((part) => keys[part](uid))
  await Promise.all(named.map(async (queryKey) => queries.invalidateQueries({ queryKey })))
}

/**
 * Keeps the lists of a job fresh while it is on the page. `standing` is what their refusals depend on besides: when it
 * becomes another one, all are asked for again.
 */
export function useSteeringTopic(uid: string, standing: string | undefined): void {
  const { live } = useServices()
  const queries = useQueryClient()
  useEffect(() => {
    const due = new Set<Part>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const gather = (parts: readonly Part[]): void => {
      parts.forEach((part) => due.add(part))
      timer ??= setTimeout(() => {
        timer = undefined
        const named = [...due]
        due.clear()
        void refreshSteering(queries, uid, named)
      }, gatherMs)
    }
    const undo = live.subscribe(`steering:${uid}`, {
      onEvent: ({ parts }) => gather(parts),
      onReset: () => gather(all),
    })
    return () => {
      undo()
      clearTimeout(timer)
    }
  }, [live, queries, uid])
  const known = useRef<string>(undefined)
  useEffect(() => {
    if (standing === undefined) return
    if (known.current !== undefined && known.current !== standing) void refreshSteering(queries, uid)
    known.current = standing
  }, [queries, uid, standing])
}
