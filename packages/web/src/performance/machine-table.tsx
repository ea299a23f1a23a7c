import type { ReactNode } from 'react'
import type { GpuFigures, HostFigures } from '@pilothouse/contract'
import { formatDuration } from '@pilothouse/signals'
import { formatEnergy, formatMemory, formatPercent } from './format-figures.ts'

type Row = { source: string; name: string; title: string; cells: readonly (string | null)[] }

/** Mean and peak of each GPU and host; a column that has nothing is left out. */
export function MachineTable({ gpus, hosts }: { gpus: readonly GpuFigures[]; hosts: readonly HostFigures[] }) {
  return (
    <div className="flex flex-col gap-2 pb-2">
      <Figures
        title="GPUs"
        heads={['Use', 'Peak', 'Memory, peak', 'Temperature, peak', 'Power, mean', 'Energy', 'Idle']}
        rows={gpus.map((gpu) => toGpuRow(gpu, hosts.length > 1))}
      />
      <Figures title="Hosts" heads={['CPU', 'Peak', 'Memory, peak', 'This job, peak']} rows={hosts.map(toHostRow)} />
    </div>
  )
}

function toGpuRow(gpu: GpuFigures, manyHosts: boolean): Row {
  const { utilization, memory, temperature, power, energyWh, idleMs } = gpu
  return {
    source: gpu.source,
    name: manyHosts ? `${gpu.host} GPU ${gpu.index}` : `GPU ${gpu.index}`,
    title: gpu.name ?? gpu.source,
    cells: [
      utilization && formatPercent(utilization.mean),
      utilization && formatPercent(utilization.peak),
      memory && describeMemory(memory),
      temperature && `${Math.round(temperature.peak)} °C`,
      power && `${Math.round(power.mean)} W`,
      energyWh === null ? null : formatEnergy(energyWh),
      idleMs === null ? null : formatDuration(idleMs),
    ],
  }
}

function toHostRow({ source, host, cpu, memory, jobMemory }: HostFigures): Row {
  const cells = [
    cpu && formatPercent(cpu.mean),
    cpu && formatPercent(cpu.peak),
    memory && describeMemory(memory),
    jobMemory && formatMemory(jobMemory.peak),
  ]
  return { source, name: host, title: host, cells }
}

function describeMemory({ peak, total }: { peak: number; total: number | null }): string {
  return total === null ? formatMemory(peak) : `${formatMemory(peak)} of ${formatMemory(total)}`
}

function Figures({ title, heads, rows }: { title: string; heads: readonly string[]; rows: readonly Row[] }): ReactNode {
  if (rows.length === 0) return null
  const columns = heads.flatMap((head, at) => (rows.some(({ cells }) => cells[at] !== null) ? [{ head, at }] : []))
  return (
    <div tabIndex={0} role="region" aria-label={title} className="max-h-80 overflow-auto -outline-offset-2">
      <table className="w-full border-collapse text-12">
        <thead>
          <tr className="text-left text-muted">
            <th scope="col" className="py-1 pr-4 pl-3 font-normal">
              {title}
            </th>
            {columns.map(({ head }) => (
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
              {columns.map(({ head, at }) => (
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
