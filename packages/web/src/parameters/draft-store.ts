/** Drafts of all jobs, for as long as the page is open: who looks at a chart in between finds them again. */
import { useSyncExternalStore } from 'react'
import type { Draft } from './draft.ts'

type DraftMap = ReadonlyMap<string, Draft>

const none: DraftMap = new Map()
const kept = new Map<string, DraftMap>()
const listeners = new Set<() => void>()

/** Those of a job, by the keys of its parameters. */
export function useDraftsOf(uid: string): DraftMap {
  return useSyncExternalStore(subscribe, () => kept.get(uid) ?? none)
}

/** Writes one down, or forgets it. */
export function keepDraft(uid: string, key: string, draft: Draft | undefined): void {
  const next = new Map(kept.get(uid))
  if (draft) next.set(key, draft)
  else next.delete(key)
  kept.set(uid, next)
  for (const tell of listeners) tell()
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}
