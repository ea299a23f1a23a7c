import { useState } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import type { GpuTypeRow, StartQuery, TimedStart } from '@pilothouse/contract'
import { describeLater, describeNow, describeObstacle, summariseStart } from '@pilothouse/signals'
import { useServerNow } from '../app/services.ts'
import { ChoiceField, TextField } from '../ui/fields.tsx'
import { SignFrame } from '../ui/state-sign.tsx'
import { type ClusterSearch, readCount, readSeconds, toWish } from './clusters-search.ts'
import { useStart } from './use-clusters.ts'

/** The figures themselves are of the last half minute. */
const tickEveryMs = 10_000
const route = getRouteApi('/frame/clusters/$name')

/** «Where can I start 4 × A100 for 8 hours?» The question stands in the address. */
export function StartPanel({ name, types }: { name: string; types: readonly GpuTypeRow[] }) {
  const search = route.useSearch()
  const { data, error, isPlaceholderData } = useStart(name, toWish(search))
  return (
    <section aria-label="Where can I start?" className="rounded-lg border border-line bg-surface">
      <h2 className="h-10 border-b border-line px-4 leading-10 font-medium">Where can I start?</h2>
      <Question types={types} />
      <div
        aria-live="polite"
        className={`border-t border-line px-4 py-3 transition-opacity ${isPlaceholderData ? 'opacity-60' : ''}`}
      >
        {data?.start ? <Answer start={data.start} wish={data.wish} /> : null}
        {error ? <p className="text-bad">This could not be answered: {error.message}</p> : null}
        {data || error ? null : <div className="waits h-10 rounded-sm bg-hover" aria-busy="true" />}
      </div>
    </section>
  )
}

type Draft = { gpus: string; type: string; nodes: string; time: string }

/** Fields hold what is typed; what can be read of them goes into the address. */
function Question({ types }: { types: readonly GpuTypeRow[] }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [draft, setDraft] = useState<Draft>({
    gpus: String(search.gpus ?? 1),
    type: search.type ?? '',
    nodes: String(search.nodes ?? ''),
    time: search.for ?? '',
  })
  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part }
    setDraft(next)
    void navigate({ search: ({ by }) => ({ ...toSearch(next), ...(by === undefined ? {} : { by }) }), replace: true })
  }
  const named = types.flatMap(({ type }) => (type === null ? [] : [type]))
  const known = draft.type === '' || named.includes(draft.type) ? named : [...named, draft.type]
  return (
    <form className="grid grid-cols-2 gap-3 px-4 py-3 md:grid-cols-4" onSubmit={(event) => event.preventDefault()}>
      <TextField
        label="GPUs"
        value={draft.gpus}
        onChange={(gpus) => change({ gpus })}
        hint={readCount(draft.gpus) === undefined ? 'A whole number; 1 until then' : ''}
      />
      <ChoiceField
        label="Type"
        value={draft.type}
        choices={[['', 'any'], ...known.map((type) => [type, type] as const)]}
        onChange={(type) => change({ type })}
      />
      <TextField
        label="Nodes"
        value={draft.nodes}
        placeholder="as few as it takes"
        onChange={(nodes) => change({ nodes })}
        hint={draft.nodes !== '' && readCount(draft.nodes) === undefined ? 'A whole number, or nothing' : ''}
      />
      <TextField
        label="Time"
        value={draft.time}
        placeholder="as 8h or 2d"
        onChange={(time) => change({ time })}
        hint={draft.time !== '' && readSeconds(draft.time) === undefined ? 'As 30m, 8h or 2d12h' : ''}
      />
    </form>
  )
}

function toSearch({ gpus, type, nodes, time }: Draft): ClusterSearch {
  const [gpuCount, nodeCount] = [readCount(gpus), readCount(nodes)]
  return {
    ...(gpuCount === undefined || gpuCount === 1 ? {} : { gpus: gpuCount }),
    ...(type === '' ? {} : { type }),
    ...(nodeCount === undefined ? {} : { nodes: nodeCount }),
    ...(readSeconds(time) === undefined ? {} : { for: time.replaceAll(/\s/g, '') }),
  }
}

type Verdict = 'now' | 'later' | 'never'
const tones: Record<Verdict, string> = { now: 'text-good', later: 'text-warn', never: 'text-bad' }

function Answer({ start, wish }: { start: TimedStart; wish: StartQuery }) {
  const now = useServerNow(tickEveryMs)
  const { verdict, words } = summariseStart(start, wish)
  const never = start.never.map(({ partition, obstacles }) => ({
    partition,
    words: obstacles.map(describeObstacle).join(' '),
  }))
  return (
    <div className="flex flex-col gap-3">
      <p className={`flex gap-2 text-14 font-medium ${tones[verdict]}`}>
        <span className="pt-[3px]">
          <VerdictSign verdict={verdict} />
        </span>
        <span className="min-w-0 wrap-anywhere">{words}</span>
      </p>
      <Places
        verdict="now"
        title="Now"
        places={start.now.map((one) => ({ partition: one.partition, words: describeNow(one) }))}
      />
      <Places
        verdict="later"
        title="Later"
        places={start.later.map((one) => ({ partition: one.partition, words: describeLater(one, now) }))}
      />
      <Places verdict="never" title="Never" places={never} />
    </div>
  )
}

type PlacesProps = { verdict: Verdict; title: string; places: readonly { partition: string; words: string }[] }

function Places({ verdict, title, places }: PlacesProps) {
  if (places.length === 0) return null
  return (
    <section aria-label={title}>
      <h3 className="text-12 text-muted">{title}</h3>
      <ul>
        {places.map(({ partition, words }, at) => (
          <li key={`${partition}/${at}`} className="flex gap-2 py-1">
            <span className={`pt-[3px] ${tones[verdict]}`}>
              <VerdictSign verdict={verdict} />
            </span>
            <span className="min-w-0 wrap-anywhere">
              <span className="font-medium">{partition}</span> <span className="text-muted">{words}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function VerdictSign({ verdict }: { verdict: Verdict }) {
  return <SignFrame>{shapeOf(verdict)}</SignFrame>
}

function shapeOf(verdict: Verdict) {
  switch (verdict) {
    case 'now':
      return <path d="M3 7.4l2.8 2.8L11 4.4" strokeWidth="1.75" />
    case 'later':
      return (
        <>
          <circle cx="7" cy="7" r="4.6" />
          <path d="M7 4.6V7l1.6 1.2" />
        </>
      )
    case 'never':
      return <path d="M3.6 3.6l6.8 6.8M10.4 3.6l-6.8 6.8" strokeWidth="1.75" />
    default:
      return verdict satisfies never
  }
}
