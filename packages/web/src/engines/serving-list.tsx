import { Link } from '@tanstack/react-router'
import type { Serving, ServingState } from '@pilothouse/contract'
import { Square } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import { useMayLaunch } from '../launches/use-launches.ts'
import { Button } from '../ui/button.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { SignFrame } from '../ui/state-sign.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { listShown } from './serve-draft.ts'
import { useServingChanges, useServings } from './use-servings.ts'

/** Engines that were started from here: how they stand, their logs, and their end. Nothing where there are none. */
export function ServingList() {
  const now = useServerNow(5_000)
  const shown = listShown(useServings().data?.servings ?? [], now)
  if (shown.length === 0) return null
  return (
    <section aria-labelledby="started-title" className="rounded-lg border border-line bg-surface">
      <h2 id="started-title" className="border-b border-line px-3 py-2 font-medium">
        Started from here
      </h2>
      <ul aria-labelledby="started-title">
        {shown.map((serving) => (
          <Row key={serving.id} serving={serving} now={now} />
        ))}
      </ul>
    </section>
  )
}

function Row({ serving, now }: { serving: Serving; now: number }) {
  const { name, state, source, target, jobUid, trouble, createdAt, idleMinutes } = serving
  const { stop } = useServingChanges()
  const mayStop = useMayLaunch() && (state === 'starting' || state === 'ready')
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1.5 border-t border-line px-3 py-2 first:border-t-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="min-w-0 truncate font-medium" title={name}>
            {name}
          </span>
          <span className="text-12">
            <ServingSign state={state} />
          </span>
        </p>
        <Dotted className="text-12 text-muted">
          <Dot>
            <Source source={source} />
          </Dot>
          <Dot>on {target}</Dot>
          <Dot>
            started <TimeAgo at={createdAt} now={now} />
          </Dot>
          {idleMinutes === null ? null : <Dot>stopped after {idleMinutes} min without use</Dot>}
        </Dotted>
        {trouble === null ? null : (
          <p className={`text-12 wrap-anywhere ${state === 'failed' ? 'text-bad' : 'text-muted'}`}>{trouble}</p>
        )}
      </div>
      <Link
        to="/job/$uid"
        params={{ uid: jobUid }}
        search={{ tab: 'logs' }}
        className="touchable rounded-sm py-1 text-12 text-accent underline"
      >
        Log<span className="sr-only"> of {name}</span>
      </Link>
      {mayStop ? (
        <Button disabled={stop.isPending} aria-label={`Stop ${name}`} onClick={() => stop.mutate(serving)}>
          <Square size={14} aria-hidden /> Stop
        </Button>
      ) : null}
    </li>
  )
}

/** A path, with the way back to the checkpoint that it is. */
function Source({ source: { path, jobUid, checkpointId } }: Pick<Serving, 'source'>) {
  if (jobUid === null || checkpointId === null) return <span className="font-mono wrap-anywhere">{path}</span>
  return (
    <Link
      to="/job/$uid"
      params={{ uid: jobUid }}
      search={{ tab: 'checkpoints', checkpoint: String(checkpointId) }}
      className="rounded-sm font-mono wrap-anywhere text-accent underline"
    >
      {path}
    </Link>
  )
}

const tones: Record<ServingState, string> = {
  starting: 'text-warn',
  ready: 'text-good',
  stopping: 'text-warn',
  stopped: 'text-faint',
  failed: 'text-bad',
}

function ServingSign({ state }: { state: ServingState }) {
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${tones[state]}`}>
      <SignFrame>{shapeOf(state)}</SignFrame>
      {state}
    </span>
  )
}

function shapeOf(state: ServingState) {
  switch (state) {
    case 'ready':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'failed':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    case 'starting':
      return <circle cx="7" cy="7" r="4.6" strokeDasharray="2 2.2" />
    case 'stopping':
      return <path d="M3.5 7h7" strokeWidth="2" strokeDasharray="2 1.5" />
    case 'stopped':
      return <path d="M4.2 4.2h5.6v5.6H4.2z" />
    default:
      return state satisfies never
  }
}
