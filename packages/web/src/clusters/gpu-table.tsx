import { useState, type ReactNode } from 'react'
import type { ClusterNode, GpuAvailability, GpuCounts, NodeCondition } from '@pilothouse/contract'
import { describeDemand, describeReason, formatCount, formatDuration } from '@pilothouse/signals'
import { useServerNow } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import type { GpuGrouping } from './clusters-search.ts'
import { describeRest, GpuBar } from './gpu-bar.tsx'

const cell = 'border-t border-line px-3 py-2 align-top first:pl-4 last:pr-4'
/** For how long ago something was. */
const tickEveryMs = 30_000
/** Rows at first; a click shows all. */
const rowsShown = 100

type Row = {
  key: string
  name: ReactNode
  counts: GpuCounts
  cells: ReactNode[]
  /** Stands below, over all columns. */ note?: string
}
type Table = { heads: readonly { name: string; look: string }[]; rows: Row[] }

/** GPUs by type, partition or node: free first, and what becomes of the rest. */
export function GpuTable({ availability, by }: { availability: GpuAvailability; by: GpuGrouping }) {
  const [isWhole, setWhole] = useState(false)
  const { heads, rows } = tabulate(availability, by)
  if (rows.length === 0)
    return <p className="border-t border-line px-4 py-3 text-muted">There are no GPUs here that you can use.</p>
  const shown = isWhole ? rows : rows.slice(0, rowsShown)
  return (
    <>
      <table className="w-full border-collapse text-left">
        <thead className="text-12 text-faint">
          <tr>
            {heads.map(({ name, look }) => (
              <th
                key={name}
                scope="col"
                className={`h-8 border-t border-line px-3 font-normal first:pl-4 last:pr-4 ${look}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ key, name, counts, cells }) => (
            <tr key={key} className="transition-colors hover:bg-hover">
              <th scope="row" className={`${cell} text-left font-medium`}>
                {name}
              </th>
              <td className={`${cell} text-right whitespace-nowrap`}>
                <span className={counts.free > 0 ? 'font-medium text-good' : 'text-muted'}>
                  {formatCount(counts.free)}
                </span>
                <span className="text-muted"> of {formatCount(counts.total)}</span>
              </td>
              <td className={cell}>
                <Rest counts={counts} />
              </td>
              {cells.map((content, at) => (
                <td key={heads[at + 3]?.name} className={`${cell} text-muted ${heads[at + 3]?.look ?? ''}`}>
                  {content}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length ? (
        <div className="border-t border-line p-1.5 text-center">
          <Button look="quiet" onClick={() => setWhole(true)}>
            Show all {formatCount(rows.length)}
          </Button>
        </div>
      ) : null}
    </>
  )
}

function Rest({ counts }: { counts: GpuCounts }) {
  const words = [counts.used > 0 ? `${formatCount(counts.used)} used` : '', describeRest(counts)]
    .filter(Boolean)
    .join(', ')
  return (
    <div className="flex flex-col gap-1 pt-[7px]">
      <GpuBar counts={counts} className="min-w-16" />
      <span className="text-12 text-faint">{words}</span>
    </div>
  )
}

const common = [
  { name: 'Free', look: 'text-right' },
  { name: 'Use', look: 'w-1/3' },
]
const wide = 'hidden md:table-cell'

function tabulate({ types, partitions, nodes }: GpuAvailability, by: GpuGrouping): Table {
  switch (by) {
    case 'type':
      return {
        heads: [
          { name: 'Type', look: '' },
          ...common,
          { name: 'Most on one node', look: `${wide} text-right` },
          { name: 'Waiting', look: wide },
          { name: 'In Slurm', look: 'hidden lg:table-cell' },
        ],
        rows: types.map((row) => ({
          key: String(row.type),
          name: row.type ?? 'GPU',
          counts: row,
          cells: [formatCount(row.freeOnOneNode), describeDemand(row.waiting) || '–', row.gres.join(', ') || '–'],
        })),
      }
    case 'partition':
      return {
        heads: [
          { name: 'Partition', look: '' },
          ...common,
          { name: 'Longest job', look: `${wide} text-right whitespace-nowrap` },
          { name: 'Waiting', look: wide },
        ],
        rows: partitions.flatMap(({ name, isDefault, gpus, maxTimeSeconds, state }) =>
          gpus.map((row) => ({
            key: `${name}/${row.type ?? ''}`,
            name: (
              <Named
                name={name}
                what={[row.type ?? 'GPU', ...(isDefault ? ['default'] : []), ...(state === 'UP' ? [] : [state])].join(
                  ' · ',
                )}
              />
            ),
            counts: row,
            cells: [
              maxTimeSeconds === null ? 'no limit' : formatDuration(maxTimeSeconds * 1000),
              describeDemand(row.waiting) || '–',
            ],
          })),
        ),
      }
    case 'node':
      return {
        heads: [
          { name: 'Node', look: '' },
          ...common,
          { name: 'State', look: wide },
          { name: 'Partitions', look: 'hidden lg:table-cell' },
        ],
        rows: nodes.flatMap((node) =>
          node.gpus.map((row) => ({
            key: `${node.name}/${row.type ?? ''}`,
            name: (
              <>
                <Named name={node.name} what={row.type ?? 'GPU'} />
                <span className="block max-w-[36vw] text-12 font-normal md:hidden">
                  <NodeState node={node} />
                </span>
              </>
            ),
            counts: row,
            cells: [<NodeState key="state" node={node} />, node.partitions.join(', ')],
          })),
        ),
      }
    default:
      return by satisfies never
  }
}

function Named({ name, what }: { name: string; what: string }) {
  return (
    <>
      <span className="wrap-anywhere">{name}</span>
      <span className="block text-12 font-normal text-faint wrap-anywhere">{what}</span>
    </>
  )
}

const conditions: Record<NodeCondition, { word: string; tone: string }> = {
  open: { word: 'takes jobs', tone: 'text-good' },
  full: { word: 'full', tone: 'text-muted' },
  held: { word: 'held for others', tone: 'text-warn' },
  asleep: { word: 'switched off until a job wakes it', tone: 'text-muted' },
  broken: { word: 'starts nothing', tone: 'text-bad' },
}

function NodeState({ node: { condition, state, reason } }: { node: ClusterNode }) {
  const now = useServerNow(tickEveryMs)
  const { word, tone } = conditions[condition]
  return (
    <>
      <span className={tone}>{word}</span> <span className="text-12 text-faint">{state}</span>
      {reason === null ? null : (
        <span className="block text-12 wrap-anywhere text-muted">{describeReason(reason, now)}</span>
      )}
    </>
  )
}
