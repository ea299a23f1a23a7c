import { useEffect, useState } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { formatCount } from '@pilothouse/signals'
import { useServices } from '../app/services.ts'
import { startNotifying } from './notify.ts'

/** How many alerts nobody has taken on yet, beside the door of their room; and notifications, where they are on. */
export function OpenAlerts() {
  const { client, live } = useServices()
  const queries = useQueryClient()
  const navigate = useNavigate()
  useEffect(() => {
    const lookAgain = (): void => void queries.invalidateQueries({ queryKey: ['alerts', 'open'] })
    return live.subscribe('alerts', { onEvent: lookAgain, onReset: lookAgain })
  }, [live, queries])
  const found = useQuery({
    queryKey: ['alerts', 'open'],
    queryFn: async ({ signal }) => client.call('alerts.list', { query: { limit: 1 }, signal }),
  })
  // What is newest is known once; from then on the events tell.
  const [newest, setNewest] = useState<number>()
  if (newest === undefined && found.data) setNewest(found.data.alerts[0]?.id ?? 0)
  useEffect(() => {
    if (newest === undefined) return undefined
    return startNotifying(live, newest, (uid) => void navigate({ to: '/job/$uid', params: { uid } }))
  }, [live, newest, navigate])
  const raised = found.data?.open.raised ?? 0
  if (raised === 0) return null
  return (
    <span className="rounded-full bg-bad-soft px-1.5 text-12 leading-4 text-bad tabular-nums max-lg:absolute max-lg:top-0 max-lg:right-0 max-sm:left-1/2 max-sm:right-auto max-sm:ml-1 lg:ml-auto">
      {formatCount(raised)}
      <span className="sr-only"> raised</span>
    </span>
  )
}
