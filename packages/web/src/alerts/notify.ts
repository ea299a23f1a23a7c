/** Notifications of this browser: while a tab of pilothouse is open, however deep it lies. */
import type { Alert } from '@pilothouse/contract'
import type { Live } from '@pilothouse/client'

/** Whether alerts of this level, or a higher one, are shown; anything else: none. */
export const notifyKey = 'notify'

export function isNotifying(): boolean {
  return (
    localStorage.getItem(`pilothouse.${notifyKey}`) === 'on' &&
    'Notification' in window &&
    Notification.permission === 'granted'
  )
}

/**
 * Shows alerts as they are raised; returns the undo. `newest` is the id of the newest alert that is known already: events
 * of older ones tell that somebody has taken them on. Several tabs show one together: they name it the same.
 */
export function startNotifying(live: Pick<Live, 'subscribe'>, newest: number, open: (uid: string) => void): () => void {
  let told = newest
  return live.subscribe('alerts', {
    onEvent: ({ alerts }) => {
      const fresh = alerts.filter(({ id }) => id > told)
      told = Math.max(told, ...fresh.map(({ id }) => id))
      if (isNotifying()) for (const alert of fresh) show(alert, open)
    },
    onReset: () => undefined,
  })
}

function show({ id, title, text, job, level }: Alert, open: (uid: string) => void): void {
  const notification = new Notification(title, {
    body: `${job.name || job.uid}\n${text}`,
    tag: `pilothouse-alert-${id}`,
    requireInteraction: level === 'error',
  })
  notification.addEventListener('click', () => {
    window.focus()
    notification.close()
    open(job.uid)
  })
}
