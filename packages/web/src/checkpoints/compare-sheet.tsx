import { lazy, Suspense, useState } from 'react'
import type { Job } from '@pilothouse/contract'
import { ArrowLeftRight } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { CheckField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import {
  compareFacts,
  compareMetrics,
  compareParameters,
  type CheckpointPair,
  type PairRow,
} from './compare-checkpoints.ts'

const TensorComparison = lazy(async () => ({ default: (await import('./tensor-comparison.tsx')).TensorComparison }))

type CompareProps = {
  job: Job
  pair: CheckpointPair
  /** Whether their tensors are looked at, or what is known of them. */
  ofTensors: boolean
  onTensors: (ofTensors: boolean) => void
  onSwap: () => void
  onClose: () => void
}

/** Two checkpoints side by side; what differs stands out. */
export function CompareSheet({ job, pair, ofTensors, onTensors, onSwap, onClose }: CompareProps) {
  const [first, second] = pair
  return (
    <Sheet open wide title={`${first.name} and ${second.name}`} onClose={onClose}>
      <div className={`flex flex-col ${ofTensors ? 'h-full' : ''}`}>
        <div className="flex flex-wrap items-center gap-2 px-4 py-3 sm:px-6">
          <div role="group" aria-label="What is compared" className="flex rounded-md border border-line">
            <Button look="quiet" className="-m-px" aria-pressed={!ofTensors} onClick={() => onTensors(false)}>
              What is known
            </Button>
            <Button look="quiet" className="-m-px" aria-pressed={ofTensors} onClick={() => onTensors(true)}>
              Tensors
            </Button>
          </div>
          <Button className="ml-auto" onClick={onSwap}>
            <ArrowLeftRight size={14} aria-hidden /> Swap
          </Button>
        </div>
        {ofTensors ? (
          <Suspense fallback={null}>
            <TensorComparison key={`${first.id} ${second.id}`} job={job} pair={pair} />
          </Suspense>
        ) : (
          <Known job={job} pair={pair} />
        )}
      </div>
    </Sheet>
  )
}

function Known({ job, pair }: Pick<CompareProps, 'job' | 'pair'>) {
  const [isShort, setShort] = useState(false)
  const parts = [
    { title: 'Metrics', rows: compareMetrics(pair, job), nothing: 'Neither has metrics.' },
    { title: 'Parameters', rows: compareParameters(pair), nothing: 'Neither has parameters.' },
    { title: 'The checkpoints', rows: compareFacts(pair), nothing: '' },
  ]
  return (
    <div className="flex flex-col gap-3 px-4 pb-3 sm:px-6">
      <CheckField label="Only what differs" isOn={isShort} onChange={setShort} />
      <table className="w-full table-fixed border-collapse" aria-label="Two checkpoints">
        <thead className="sticky top-0 bg-surface">
          <tr>
            <td className="w-1/4" />
            {pair.map(({ id, name }) => (
              <th key={id} scope="col" title={name} className="truncate px-2 py-1.5 text-right font-medium">
                {name}
              </th>
            ))}
            <th scope="col" className="w-24 px-2 py-1.5 text-right text-12 font-normal text-muted max-sm:hidden">
              Change
            </th>
          </tr>
        </thead>
        {parts.map(({ title, rows, nothing }) => (
          <Part key={title} title={title} rows={rows} nothing={nothing} isShort={isShort} />
        ))}
      </table>
    </div>
  )
}

type PartProps = { title: string; rows: readonly PairRow[]; nothing: string; isShort: boolean }

function Part({ title, rows, nothing, isShort }: PartProps) {
  const shown = isShort ? rows.filter(({ isOther }) => isOther) : rows
  return (
    <tbody>
      <tr className="border-t border-line-strong">
        <th scope="rowgroup" colSpan={3} className="px-2 pt-3 pb-1 text-left text-12 font-normal text-muted">
          {title}
        </th>
        <td className="max-sm:hidden" />
      </tr>
      {shown.map((row) => (
        <Row key={row.name} row={row} />
      ))}
      {shown.length === 0 ? (
        <tr>
          <td colSpan={3} className="px-2 py-1 text-faint">
            {rows.length === 0 ? nothing : 'All the same.'}
          </td>
        </tr>
      ) : null}
    </tbody>
  )
}

function Row({ row: { name, cells, isOther, change, better } }: { row: PairRow }) {
  return (
    <tr className={`border-t border-line ${isOther ? 'bg-accent-soft' : ''}`} data-differs={isOther}>
      <th scope="row" title={name} className="truncate px-2 py-1 text-left font-normal text-muted">
        {name}
        {isOther ? <span className="sr-only"> differs</span> : null}
      </th>
      {cells.map((text, at) => (
        <td
          key={at}
          className={`px-2 py-1 text-right align-top font-mono wrap-anywhere text-12 leading-5 ${isOther ? 'font-medium' : 'text-muted'} ${better === at ? 'text-good' : ''}`}
        >
          {better === at ? <span aria-hidden>★ </span> : null}
          {text}
          {better === at ? <span className="sr-only"> (better)</span> : null}
        </td>
      ))}
      <td className="px-2 py-1 text-right text-12 whitespace-nowrap text-muted max-sm:hidden">{change}</td>
    </tr>
  )
}
