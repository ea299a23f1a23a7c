import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import type { CheckpointAdvice, CheckpointList, Job } from '@pilothouse/contract'
import { isLive } from '@pilothouse/contract/wire'
import { Lightbulb, Pin, Save, X } from 'lucide-react'
import { useServices } from '../app/services.ts'
import { useSteeringRights, type Steering } from '../commands/use-steering.ts'
import { Button } from '../ui/button.tsx'
import type { CheckpointActions } from './use-checkpoints.ts'

/** Curves go on while nothing is told of checkpoints: they are looked at again after so long, ms. */
const againMs = 15_000

type Recommendation = CheckpointAdvice['recommendations'][number]
type CardProps = {
  job: Job
  list: CheckpointList
  steering: Steering
  actions: CheckpointActions
  onCreate: () => void
}

/** When it is worth while to write a checkpoint, or to pin one, and why; nothing where it is not. */
export function AdviceCard({ job, list, steering, actions, onCreate }: CardProps) {
  const { client } = useServices()
  const rights = useSteeringRights(job)
  const newest = Math.max(0, ...list.checkpoints.map(({ id }) => id))
  const last = steering.page?.commands.find(({ kind }) => kind === 'checkpoint')
  const found = useQuery({
    // What was advised before the newest one was written, or asked for, is not shown after it.
    queryKey: ['checkpoints', job.uid, 'advice', newest, last?.id, last?.state],
    queryFn: async ({ signal }): Promise<CheckpointAdvice> =>
      client.call('checkpoints.advice', { params: { uid: job.uid }, signal }),
    enabled: isLive(job.state),
    refetchInterval: againMs,
  })
  // What was dismissed is worth a word again when another checkpoint has been written since.
  const [isDismissed, dismiss] = useDismissed()
  const nameOf = ({ kind }: Recommendation): string => `${job.uid} ${kind} ${newest}`
  const isAsked = steering.waiting.some(({ kind }) => kind === 'checkpoint')
  const shown = isLive(job.state)
    ? (found.data?.recommendations ?? []).filter(
        (one) => !isDismissed(nameOf(one)) && !(one.action === 'create' && isAsked) && !isPinned(one, list),
      )
    : []
  if (shown.length === 0) return null
  return (
    <ul aria-label="Advice" className="arrives rounded-lg border border-line bg-surface">
      {shown.map((one) => (
        <li
          key={one.kind}
          data-advice={one.kind}
          className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-t border-line py-1.5 pr-1.5 pl-4 first:border-t-0"
        >
          <div className="flex min-w-0 flex-1 basis-56 items-start gap-2">
            <Lightbulb size={14} aria-hidden className="mt-0.5 shrink-0 text-accent" />
            <p className="min-w-0 wrap-anywhere">{one.words}</p>
          </div>
          <div className="ml-auto flex gap-1">
            {one.action === 'create' && steering.offered.includes('checkpoint') ? (
              <Button onClick={onCreate}>
                <Save size={14} aria-hidden /> Write one now
              </Button>
            ) : null}
            {one.checkpoint !== null && rights.checkpoint ? (
              <PinButton id={one.checkpoint} list={list} actions={actions} />
            ) : null}
            <Button look="quiet" square aria-label="Dismiss" title="Dismiss" onClick={() => dismiss(nameOf(one))}>
              <X size={14} aria-hidden />
            </Button>
          </div>
        </li>
      ))}
    </ul>
  )
}

function PinButton({ id, list, actions }: { id: number } & Pick<CardProps, 'list' | 'actions'>) {
  const name = list.checkpoints.find((one) => one.id === id)?.name
  return (
    <Button disabled={actions.edit.isPending} onClick={() => actions.edit.mutate({ id, patch: { pinned: true } })}>
      <Pin size={14} aria-hidden />{' '}
      <span className="max-w-40 truncate">Pin{name === undefined ? ' it' : ` «${name}»`}</span>
    </Button>
  )
}

/** The list may know already what the advice does not yet. */
function isPinned({ checkpoint }: Recommendation, { checkpoints }: CheckpointList): boolean {
  return checkpoint !== null && checkpoints.some(({ id, pinned }) => id === checkpoint && pinned)
}

const storedUnder = 'pilothouse.advice.dismissed'
/** The last so many are kept. */
const dismissedMax = 50

/** What somebody does not want to read again in this browser. */
function useDismissed(): [(name: string) => boolean, (name: string) => void] {
  const [names, setNames] = useState(() => (localStorage.getItem(storedUnder) ?? '').split('\n'))
  const dismiss = (name: string): void => {
    const next = [...names, name].slice(-dismissedMax)
    localStorage.setItem(storedUnder, next.join('\n'))
    setNames(next)
  }
  return [(name) => names.includes(name), dismiss]
}
