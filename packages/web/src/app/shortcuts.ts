/**
 * Keys of the page. This list is what keys are bound by, what the sheet shows, and where the palette takes names from.
 * Parts that listen for themselves (`bindKeys`), such as charts, stand in it without an id.
 */
type Place = 'Everywhere' | 'List of jobs' | 'List of batches' | 'A job' | 'Charts and samples'
export type Shortcut = {
  /** What it is bound by. */
  id?: string
  /** Keys one after another, as `g j`. */
  keys: string
  what: string
  where?: Place
}

export const shortcuts = [
  { id: 'palette', keys: '⌘K', what: 'Go anywhere, do anything (Ctrl K)', where: 'Everywhere' },
  { id: 'sheet', keys: '?', what: 'All keys', where: 'Everywhere' },
  { id: 'search', keys: '/', what: 'Search', where: 'Everywhere' },
  { id: 'jobs', keys: 'g j', what: 'Go to all jobs', where: 'Everywhere' },
  { id: 'projects', keys: 'g p', what: 'Go to projects', where: 'Everywhere' },
  { id: 'clusters', keys: 'g c', what: 'Go to clusters', where: 'Everywhere' },
  { id: 'batches', keys: 'g b', what: 'Go to batches', where: 'Everywhere' },
  { id: 'engines', keys: 'g e', what: 'Go to engines', where: 'Everywhere' },
  { id: 'costs', keys: 'g m', what: 'Go to costs (money)', where: 'Everywhere' },
  { id: 'instances', keys: 'g r', what: 'Go to rented machines', where: 'Everywhere' },
  { id: 'alerts', keys: 'g a', what: 'Go to alerts', where: 'Everywhere' },
  { id: 'system', keys: 'g s', what: 'Go to the figures of the server', where: 'Everywhere' },
  { id: 'add', keys: 'a', what: 'Add a job', where: 'Everywhere' },
  { id: 'next', keys: 'j', what: 'Next job; Enter opens it', where: 'List of jobs' },
  { id: 'previous', keys: 'k', what: 'Previous job', where: 'List of jobs' },
  { id: 'pick', keys: 'x', what: 'Pick the job, to do something with several', where: 'List of jobs' },
  { id: 'compare', keys: 'c', what: 'Put the picked jobs side by side', where: 'List of jobs' },
  { id: 'tags', keys: 't', what: 'Tags of the picked jobs', where: 'List of jobs' },
  { id: 'archive', keys: 'e', what: 'Archive the picked jobs, or bring them back', where: 'List of jobs' },
  { id: 'delete', keys: 'Delete', what: 'Delete the picked jobs', where: 'List of jobs' },
  { id: 'unpick', keys: 'Escape', what: 'End picking', where: 'List of jobs' },
  { id: 'look', keys: 'v', what: 'Cards or table', where: 'List of jobs' },
  { id: 'statistics', keys: 's', what: 'Show or hide statistics by day', where: 'List of jobs' },
  { keys: 'j k', what: 'Next and previous batch; Enter opens it', where: 'List of batches' },
  { keys: 'x', what: 'Pick the batch', where: 'List of batches' },
  { keys: 'c', what: 'Read the answers of the picked batches side by side', where: 'List of batches' },
  { id: 'newBatch', keys: 'b', what: 'New batch', where: 'List of batches' },
  { id: 'pause', keys: 'p', what: 'Pause or resume the view of a job', where: 'A job' },
  { id: 'refresh', keys: 'r', what: 'Refresh', where: 'A job' },
  { keys: 'l', what: 'Open or close the log', where: 'A job' },
  { keys: '1 … 9', what: 'Tabs of a job', where: 'A job' },
  { keys: 'Home End', what: 'First and last line of the log', where: 'A job' },
  { id: 'nextError', keys: ']', what: 'Next error in the log', where: 'A job' },
  { id: 'previousError', keys: '[', what: 'Previous error in the log', where: 'A job' },
  { keys: 'f', what: 'Fill the window with the chart under the cursor, and back', where: 'Charts and samples' },
  { keys: 't', what: 'Pin the chart under the cursor to the top, and back', where: 'Charts and samples' },
  { keys: 'n', what: 'Note on the point under the cursor', where: 'Charts and samples' },
  {
    keys: '← →',
    what: 'Move along a chart, or through the steps of samples (Shift: ten at a time)',
    where: 'Charts and samples',
  },
  { keys: '+ − 0', what: 'Zoom in a chart, and back', where: 'Charts and samples' },
] as const satisfies readonly Shortcut[]

export type ShortcutId = Extract<(typeof shortcuts)[number], { id: string }>['id']

/** The second key of a pair must follow within this. */
const pairWithinMs = 1_200

/** What a key does; false leaves it to the browser. */
export type ShortcutCalls = Partial<Record<ShortcutId, () => unknown>>

/** Binds keys by their ids; returns the undo. */
export function bindShortcuts(calls: ShortcutCalls): () => void {
  let before = { key: '', at: Number.NEGATIVE_INFINITY }
  return bindKeys((event) => {
    const pair = event.timeStamp - before.at < pairWithinMs ? `${before.key} ${event.key}` : event.key
    before = { key: event.key, at: event.timeStamp }
    // Whoever binds the end of a pair alone is not meant: `g e` leads to engines and archives nothing.
    const isPair = shortcuts.some((one) => 'id' in one && one.keys === pair)
    const call = findCall(calls, isPair ? pair : event.key)
    return call !== undefined && call() !== false
  })
}

function findCall(calls: ShortcutCalls, keys: string): (() => unknown) | undefined {
  const found = shortcuts.find((one) => one.keys === keys)
  return found && 'id' in found ? calls[found.id] : undefined
}

/** Ctrl K and ⌘K, also while somebody types. */
export function bindPaletteKey(open: () => void): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
    event.preventDefault()
    if (!document.querySelector('[role="dialog"]')) open()
  }
  window.addEventListener('keydown', onKey)
  return () => window.removeEventListener('keydown', onKey)
}

/** Listens for single keys, not while somebody types or a dialog is open. A listener that returns true has used the key up. */
export function bindKeys(listen: (event: KeyboardEvent) => boolean): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return
    if (document.querySelector('[role="dialog"]')) return
    if (listen(event)) event.preventDefault()
  }
  window.addEventListener('keydown', onKey)
  return () => window.removeEventListener('keydown', onKey)
}

/** Puts the cursor into the search field of the page; false when it has none. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('input[type="search"]')
  field?.focus()
  field?.select()
  return field !== null
}

/** Boxes to tick take no letters. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type="checkbox"]), textarea, select, [role="menuitem"]'))
  )
}
