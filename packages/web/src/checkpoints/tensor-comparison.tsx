import { useMemo, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import type { CheckpointComparison, ComparedTensor, Job } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract/wire'
import { formatBytes, formatCount, formatDuration, formatValue } from '@pilothouse/signals'
import { useServerNow, useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { SearchField } from '../ui/search-field.tsx'
import type { CheckpointPair } from './compare-checkpoints.ts'
import { chooseTensors, listLayers, listTensors, sortTensors, type TensorSort } from './list-tensors.ts'
import { TensorList } from './tensor-list.tsx'

/** How far the tensors of two checkpoints are from each other: read from both files when somebody looks. */
export function TensorComparison({ job, pair }: { job: Job; pair: CheckpointPair }) {
  const { client } = useServices()
  const [a, b] = pair
  const found = useQuery({
    // Not below «checkpoints»: gigabytes are not read again for a note that somebody writes.
    queryKey: ['tensors', job.uid, a.id, b.id, a.sha256, b.sha256],
    queryFn: async ({ signal }): Promise<CheckpointComparison> => {
      const params = { uid: job.uid, id: String(a.id) }
      const answer = await client.call('checkpoints.tensors', { params, query: { with: String(b.id) }, signal })
      if ('layers' in answer) return answer
      throw new Error('The server has looked into one checkpoint instead of two.')
    },
    staleTime: Infinity,
    retry: false,
  })
  if (found.data) return <Compared comparison={found.data} names={[a.name, b.name]} />
  if (found.error && !found.isFetching)
    return <Unread error={found.error} pair={pair} onRetry={() => void found.refetch()} />
  return <Reading pair={pair} />
}

function Reading({ pair: [a, b] }: { pair: CheckpointPair }) {
  const now = useServerNow(1_000)
  const [since] = useState(now)
  return (
    <div role="status" aria-busy="true" className="waits flex flex-col gap-1 px-4 py-3 sm:px-6">
      <p>
        Both are read on the control room’s machine: {formatBytes(a.bytes)} and {formatBytes(b.bytes)}. A gigabyte takes
        a few seconds.
      </p>
      <p className="text-muted">
        {formatDuration(Math.max(0, now - since))} so far. It is broken off when you close this.
      </p>
    </div>
  )
}

type UnreadProps = { error: Error; pair: CheckpointPair; onRetry: () => void }

/** Why they could not be compared, and what to do. */
function Unread({ error, pair: [a, b], onRetry }: UnreadProps) {
  return (
    <div role="alert" className="flex flex-col gap-2 px-4 py-3 sm:px-6">
      <h3 className="font-medium">The tensors could not be compared</h3>
      <p className="wrap-anywhere">{error.message}</p>
      {error instanceof PilothouseError ? <p className="wrap-anywhere text-muted">{error.hint}</p> : null}
      {a.host === b.host ? null : (
        <p className="wrap-anywhere text-muted">
          «{a.name}» lies on {a.host} and «{b.name}» on {b.host}: both have to lie on one machine.
        </p>
      )}
      <Button className="self-start" onClick={onRetry}>
        Try again
      </Button>
    </div>
  )
}

type Change = ComparedTensor['change']
type ComparedProps = { comparison: CheckpointComparison; names: readonly [string, string] }

function Compared({ comparison, names }: ComparedProps) {
  const [isByLayer, setByLayer] = useState(false)
  const [change, setChange] = useState<Change>()
  const [text, setText] = useState('')
  const [sort, setSort] = useState<TensorSort>({ by: 'distance', isDown: true })
  const all = useMemo(() => (isByLayer ? listLayers(comparison) : listTensors(comparison)), [comparison, isByLayer])
  const rows = useMemo(
    () => sortTensors(chooseTensors(all, { text, change: isByLayer ? undefined : change }), sort),
    [all, text, change, isByLayer, sort],
  )
  const kinds = describeKinds(comparison, names)
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-col gap-2 px-4 pb-2 sm:px-6">
        <Totals comparison={comparison} />
        <Remarks comparison={comparison} names={names} />
        <div className="flex flex-wrap items-center gap-2">
          <div role="group" aria-label="A row for each" className="flex rounded-md border border-line">
            <Button look="quiet" className="-m-px" aria-pressed={!isByLayer} onClick={() => setByLayer(false)}>
              By tensor
            </Button>
            <Button look="quiet" className="-m-px" aria-pressed={isByLayer} onClick={() => setByLayer(true)}>
              By layer
            </Button>
          </div>
          <SearchField
            label="Search by name"
            text={text}
            onText={setText}
            className="min-w-0 flex-1 basis-32 sm:max-w-64"
          />
        </div>
        {isByLayer || kinds.length < 2 ? null : (
          <div role="group" aria-label="Which are shown" className="flex flex-wrap gap-1.5">
            <Button aria-pressed={change === undefined} onClick={() => setChange(undefined)}>
              All {formatCount(comparison.tensors.length)}
            </Button>
            {kinds.map(({ of, words }) => (
              <Button key={of} aria-pressed={change === of} className="max-w-full" onClick={() => setChange(of)}>
                <span className="truncate">{words}</span>
              </Button>
            ))}
          </div>
        )}
      </div>
      {rows.length > 0 ? (
        // Another list begins at its top.
        <TensorList
          key={JSON.stringify([isByLayer, change, text, sort])}
          rows={rows}
          names={names}
          sort={sort}
          onSort={setSort}
        />
      ) : (
        <p className="border-t border-line px-4 py-3 text-muted sm:px-6">
          {all.length === 0 ? 'No tensor is in both, so there is nothing to compare.' : 'None has all these words.'}
        </p>
      )}
    </div>
  )
}

function describeKinds(
  { counts }: CheckpointComparison,
  [first, second]: readonly [string, string],
): { of: Change; words: string }[] {
  const kinds: readonly (readonly [Change, string])[] = [
    ['changed', 'changed'],
    ['same', 'the same'],
    ['onlyA', `only in ${first}`],
    ['onlyB', `only in ${second}`],
    ['shape', 'of other shape'],
    ['unread', 'not read'],
  ]
  return kinds.flatMap(([of, words]) => (counts[of] > 0 ? [{ of, words: `${formatCount(counts[of])} ${words}` }] : []))
}

function Totals({ comparison: { totals, counts } }: { comparison: CheckpointComparison }) {
  const compared = counts.same + counts.changed
  const { distance, relative, cosine } = totals
  return (
    <p>
      <span className="font-medium">
        {compared === 1 ? '1 tensor' : `${formatCount(compared)} tensors`} compared
        {counts.changed === 0 && compared > 0 ? ', all the same' : ''}
      </span>
      {distance === null || counts.changed === 0 ? null : (
        <span className="text-muted">
          : together {formatValue(distance)} apart
          {relative === null ? '' : `, ${formatValue(relative)} of the norm of the first`}
          {cosine === null ? '' : `, cosine ${formatValue(cosine)}`}
        </span>
      )}
    </p>
  )
}

/** More of them say nothing new. */
const remarksMax = 4

/** What a file would do that is loaded without care, what was left away, and what was not looked into. */
function Remarks({ comparison: { a, b }, names }: ComparedProps) {
  const sides = [a, b].map((side, at) => ({ ...side, name: names[at] ?? '' }))
  const called = sides.flatMap(({ suspicious }) =>
    suspicious
      .filter(({ isCalled }) => isCalled)
      .map(({ file, name }) => `${file} would call ${name} when it is loaded.`),
  )
  const others = sides.flatMap(({ name, prefix, notes }) => [
    ...(prefix === '' ? [] : [`«${prefix}» is left away in front of the names of ${name}.`]),
    ...notes.map((note) => `${name}: ${note}`),
  ])
  const shown = others.slice(0, remarksMax)
  return (
    <>
      {called.length > 0 ? (
        <div role="alert" className="rounded-md bg-bad-soft px-3 py-2 wrap-anywhere text-bad">
          <p>{called.slice(0, remarksMax).join(' ')}</p>
          <p>Nothing of it was run here. Do not load it without weights_only=True unless you trust it.</p>
        </div>
      ) : null}
      {shown.length > 0 ? (
        <ul aria-label="Remarks" className="text-12 text-muted">
          {shown.map((words) => (
            <li key={words} className="wrap-anywhere">
              {words}
            </li>
          ))}
          {others.length > shown.length ? <li>and {formatCount(others.length - shown.length)} more</li> : null}
        </ul>
      ) : null}
    </>
  )
}
