/** Keys that work everywhere. Parts of a page that have keys of their own listen for themselves. */
export const shortcuts: readonly { keys: string; what: string }[] = [
  { keys: '?', what: 'Show this sheet' },
  { keys: '/', what: 'Search' },
  { keys: 'g j', what: 'Go to all jobs' },
  { keys: 'g s', what: 'Go to the figures of the server' },
  { keys: 'a', what: 'Add a job' },
  { keys: 'j k', what: 'Next or previous job of the list; Enter opens it' },
  { keys: 'x', what: 'Pick the job, to do something with several' },
  { keys: 't', what: 'Tags of the picked jobs' },
  { keys: 'e', what: 'Archive the picked jobs, or bring them back' },
  { keys: 'Delete', what: 'Delete the picked jobs' },
  { keys: 'p', what: 'Pause or resume the view of a job' },
  { keys: 'r', what: 'Refresh' },
  { keys: 'l', what: 'Open or close the log' },
  { keys: '1 … 6', what: 'Tabs of a job' },
  { keys: '← →', what: 'Move along a chart, or through the steps of samples (Shift: ten at a time)' },
  { keys: '+ − 0', what: 'Zoom in a chart, and back' },
]

/** The second key of a pair must follow within this. */
const pairWithinMs = 1_200

/** Binds the keys of the frame; returns the undo. */
export function bindShortcuts(calls: {
  openSheet: () => void
  goToJobs: () => void
  goToSystem: () => void
  addJob: () => void
}): () => void {
  let goAt = Number.NEGATIVE_INFINITY
  return bindKeys((event) => {
    if (event.key === '?') calls.openSheet()
    else if (event.key === '/') return focusSearch()
    else if (event.key === 'a') calls.addJob()
    else if (event.key === 'j' && event.timeStamp - goAt < pairWithinMs) calls.goToJobs()
    else if (event.key === 's' && event.timeStamp - goAt < pairWithinMs) calls.goToSystem()
    goAt = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
    return false
  })
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

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('input[type="search"]')
  field?.focus()
  field?.select()
  return field !== null
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select, [role="menuitem"]'))
  )
}
