/** What the page that is open can do now, for the palette: pages name their commands while they are there. */
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { bindShortcuts, shortcuts, type ShortcutCalls, type ShortcutId } from './shortcuts.ts'

export type Command = { name: string; keys?: string; run: () => unknown }

const sources = new Map<object, readonly Command[]>()
const listeners = new Set<() => void>()
let all: readonly Command[] = []

function change(source: object, commands: readonly Command[] | undefined): void {
  if (commands) sources.set(source, commands)
  else sources.delete(source)
  all = [...sources.values()].toReversed().flat()
  for (const listener of listeners) listener()
}

/** Commands of all that is on screen, what came last first. */
export function useCommandList(): readonly Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => all,
  )
}

/** Keys that walk through things make no sense in a list. */
const onlyKeys: readonly ShortcutId[] = ['palette', 'next', 'previous', 'pick', 'unpick']

/**
 * Binds keys by their ids while the component is there, and offers them in the palette together with `more`, which has no
 * keys. An id that is left out, or undefined, is neither.
 */
export function useCommands(calls: ShortcutCalls, more: readonly Command[] = []): void {
  useEffect(() => bindShortcuts(calls))
  const source = useRef(calls)
  useEffect(() => {
    const named = shortcuts.flatMap((one): Command[] => {
      if (!('id' in one) || onlyKeys.includes(one.id)) return []
      const run = calls[one.id]
      return run ? [{ name: one.what, keys: one.keys, run }] : []
    })
    // Under the same name throughout, so that the order stays.
    change(source.current, [...named, ...more])
  })
  useEffect(() => {
    const own = source.current
    return () => change(own, undefined)
  }, [])
}
