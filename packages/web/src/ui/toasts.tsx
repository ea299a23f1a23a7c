import { useSyncExternalStore } from 'react'
import { X } from 'lucide-react'
import { Button } from './button.tsx'

export type Toast = { words: string; isBad?: boolean; action?: { name: string; run: () => void } }
type Shown = Toast & { id: number }

/** Long enough to read it and to change one's mind, ms. */
const shownForMs = 10_000
/** More than these would hide the page; the oldest go. */
const toastsMax = 3

let shown: readonly Shown[] = []
let lastId = 0
const listeners = new Set<() => void>()

/** Says what has happened, with the way back if there is one. */
export function showToast(toast: Toast): void {
  lastId += 1
  const id = lastId
  change([...shown, { ...toast, id }].slice(-toastsMax))
  setTimeout(() => dismiss(id), shownForMs)
}

function dismiss(id: number): void {
  if (shown.some((toast) => toast.id === id)) change(shown.filter((toast) => toast.id !== id))
}

function change(next: readonly Shown[]): void {
  shown = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The toasts that are up now, at the foot of the page. */
export function Toasts() {
  const toasts = useSyncExternalStore(subscribe, () => shown)
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-16 z-40 flex flex-col items-center gap-2 px-4 sm:bottom-5"
    >
      {toasts.map(({ id, words, isBad, action }) => (
        <div
          key={id}
          className="arrives pointer-events-auto flex max-w-full items-center gap-2 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-4 shadow-float"
        >
          <span className={`min-w-0 wrap-anywhere ${isBad ? 'text-bad' : ''}`}>{words}</span>
          {action ? (
            <Button
              look="quiet"
              className="text-accent"
              onClick={() => {
                dismiss(id)
                action.run()
              }}
            >
              {action.name}
            </Button>
          ) : null}
          <Button look="quiet" square aria-label="Dismiss" onClick={() => dismiss(id)}>
            <X size={14} aria-hidden />
          </Button>
        </div>
      ))}
    </div>
  )
}
