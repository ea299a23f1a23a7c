/** Batches whose end this browser is to tell, kept over visits. One list for all tabs. */
import { useSyncExternalStore } from 'react'

const storageKey = 'pilothouse.batches.watched'
/** The oldest are forgotten. */
const watchedMax = 50

const listeners = new Set<() => void>()
let kept: { text: string; ids: readonly string[] } = { text: '', ids: [] }

/** Ids that are watched, the oldest first. */
export function readWatched(): readonly string[] {
  const text = localStorage.getItem(storageKey) ?? ''
  if (text !== kept.text) kept = { text, ids: text.split(' ').filter(Boolean) }
  return kept.ids
}

export function watchBatch(id: string, isWatched: boolean): void {
  const others = readWatched().filter((one) => one !== id)
  const next = isWatched ? [...others, id].slice(-watchedMax) : others
  localStorage.setItem(storageKey, next.join(' '))
  for (const listener of listeners) listener()
}

/** The same, for what is on the page; another tab may change it. */
export function useWatched(): readonly string[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    window.addEventListener('storage', listener)
    return () => {
      listeners.delete(listener)
      window.removeEventListener('storage', listener)
    }
  }, readWatched)
}

/** Asks the browser where it has not been asked; whether it then shows notifications. */
export async function mayNotify(): Promise<boolean> {
  return 'Notification' in window && (await Notification.requestPermission()) === 'granted'
}
