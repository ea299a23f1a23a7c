import { useEffect, useRef } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { useQueries } from '@tanstack/react-query'
import type { BatchDetail } from '@pilothouse/contract'
import { isEndedBatch, PilothouseError } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'
import { describeCounts, statusWords } from './batch-words.ts'
import { useWatched, watchBatch } from './watched-batches.ts'

/** Also while the tab lies below others, ms. */
const askEveryMs = 5_000

/** Shows nothing: tells by a notification that a watched batch has ended, on whichever page somebody is. */
export function WatchBatches() {
  const { client } = useServices()
  const navigate = useNavigate()
  const ids = useWatched()
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['batches', 'watched', id],
      queryFn: async ({ signal }: { signal: AbortSignal }) => client.call('batches.get', { params: { id }, signal }),
      refetchInterval: askEveryMs,
      refetchIntervalInBackground: true,
      staleTime: 0,
    })),
  })
  const told = useRef(new Set<string>())
  useEffect(() => {
    found.forEach(({ data, error }, at) => {
      const id = ids[at]
      if (id === undefined || told.current.has(id)) return
      const isGone = error instanceof PilothouseError && error.code === 'notFound'
      if (!isGone && !(data && isEndedBatch(data.status))) return
      told.current.add(id)
      watchBatch(id, false)
      if (data) show(data, () => void navigate({ to: '/batches/$id', params: { id } }))
    })
  })
  return null
}

/** Several tabs show one together: they name it the same. */
function show({ id, name, status, counts }: BatchDetail, open: () => void): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return
  const notification = new Notification(`${name}: ${statusWords[status]}`, {
    body: describeCounts({ status, counts }),
    tag: `pilothouse-${id}`,
  })
  notification.addEventListener('click', () => {
    window.focus()
    notification.close()
    open()
  })
}
