import type { GpuFigures, HostFigures } from '@pilothouse/contract'
import { formatBytes, formatDuration } from '../format.ts'
import { formatEnergy, formatPercent } from './format-figures.ts'

type MachineRow = { source: string; name: string; title: string; cells: readonly (string | null)[] }
export type MachineRows = { heads: readonly string[]; rows: readonly MachineRow[] }

/** Mean and peak of each GPU; a column that has nothing is left out. */
export function listGpuRows(gpus: readonly GpuFigures[], manyHosts: boolean): MachineRows {
  const heads = ['Use', 'Peak', 'Memory, peak', 'Temperature, peak', 'Power, mean', 'Energy', 'Idle']
  return dropEmpty({ heads, rows: gpus.map((gpu) => toGpuRow(gpu, manyHosts)) })
}

/** The same of each host. */
export function listHostRows(hosts: readonly HostFigures[]): MachineRows {
  return dropEmpty({ heads: ['CPU', 'Peak', 'Memory, peak', 'This job, peak'], rows: hosts.map(toHostRow) })
}

function dropEmpty({ heads, rows }: MachineRows): MachineRows {
  const kept = heads.flatMap((_, at) => (rows.some(({ cells }) => cells[at] !== null) ? [at] : []))
  return {
    heads: kept.map((at) => heads[at] ?? ''),
    rows: rows.map((row) => ({ ...row, cells: kept.map((at) => row.cells[at] ?? null) })),
  }
}

function toGpuRow(gpu: GpuFigures, manyHosts: boolean): MachineRow {
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

function toHostRow({ source, host, cpu, memory, jobMemory }: HostFigures): MachineRow {
  const cells = [
    cpu && formatPercent(cpu.mean),
    cpu && formatPercent(cpu.peak),
    memory && describeMemory(memory),
    jobMemory && formatBytes(jobMemory.peak),
  ]
  return { source, name: host, title: host, cells }
}

function describeMemory({ peak, total }: { peak: number; total: number | null }): string {
  return total === null ? formatBytes(peak) : `${formatBytes(peak)} of ${formatBytes(total)}`
}
