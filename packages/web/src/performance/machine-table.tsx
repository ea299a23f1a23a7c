import type { ReactNode } from 'react'
import type { GpuFigures, HostFigures } from '@pilothouse/contract'
import { listGpuRows, listHostRows, type MachineRows } from '@pilothouse/signals'

/** Mean and peak of each GPU and host; a column that has nothing is left out. */
export function MachineTable({ gpus, hosts }: { gpus: readonly GpuFigures[]; hosts: readonly HostFigures[] }) {
  return (
    <div className="flex flex-col gap-2 pb-2">
      <Figures title="GPUs" {...listGpuRows(gpus, hosts.length > 1)} />
      <Figures title="Hosts" {...listHostRows(hosts)} />
    </div>
  )
}

function Figures({ title, heads, rows }: { title: string } & MachineRows): ReactNode {
  if (rows.length === 0) return null
  return (
    <div tabIndex={0} role="region" aria-label={title} className="max-h-80 overflow-auto -outline-offset-2">
      <table className="w-full border-collapse text-12">
        <thead>
          <tr className="text-left text-muted">
            <th scope="col" className="py-1 pr-4 pl-3 font-normal">
              {title}
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" className="px-3 py-1 text-right font-normal whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ source, name, title: words, cells }) => (
            <tr key={source} className="border-t border-line">
              <th scope="row" title={words} className="max-w-56 truncate py-1 pr-4 pl-3 text-left font-medium">
                {name}
              </th>
              {heads.map((head, at) => (
                <td key={head} className="px-3 py-1 text-right whitespace-nowrap">
                  {cells[at] ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
