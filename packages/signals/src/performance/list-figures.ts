import type { JobCost, JobPerformance } from '@pilothouse/contract'
import { formatMoney, formatPrice } from '../cost/format-money.ts'
import { sumParts } from '../cost/price-job.ts'
import { formatBytes, formatCount, formatDuration, formatRate, formatValue } from '../format.ts'
import { formatEnergy, formatHours, formatPercent, formatSpread } from './format-figures.ts'

/** One number with its name, and what there is to say of it. */
export type Figure = { label: string; value: string; note?: string | undefined }

/** What is known; what nobody measured has no cell. */
export function listPerformanceFigures(performance: JobPerformance): Figure[] {
  const { busyMs, waitedMs, attempts, attemptsLeftOut, steps, rates, inputWait } = performance
  const count = attempts.length + attemptsLeftOut
  const waited = waitedMs !== null && waitedMs >= 1_000 ? `waited ${formatDuration(waitedMs)} before` : undefined
  const figures: (Figure | undefined)[] = [
    { label: 'Duration', value: formatDuration(busyMs), note: count > 1 ? `${count} attempts` : waited },
    steps?.perSecond
      ? {
          label: 'Steps',
          value: formatRate(steps.perSecond),
          note: `step ${formatCount(steps.first)} to ${formatCount(steps.last)}`,
        }
      : undefined,
    ...rates.map(({ key, mean, last }) => ({
      label: key,
      value: formatValue(mean),
      note: `mean, at the end ${formatValue(last)}`,
    })),
    ...listGpuFigures(performance),
    performance.cost ? listCostFigure(performance.cost) : undefined,
    inputWait === null
      ? undefined
      : {
          label: 'Waiting for input',
          value: formatDuration(inputWait.ms),
          note: `${formatPercent(inputWait.share * 100)} of the time, by ${inputWait.key}`,
        },
    ...listHostFigures(performance),
  ]
  return figures.filter((figure) => figure !== undefined)
}

function listCostFigure({ amount, currency, hours, parts }: JobCost): Figure {
  const price = formatPrice(sumParts(parts), currency)
  return { label: 'Cost', value: formatMoney(amount, currency), note: `${formatHours(hours)} at ${price} an hour` }
}

function listGpuFigures(performance: JobPerformance): (Figure | undefined)[] {
  const { gpuHours, gpuCount, gpuUtilization, gpuMemoryPeak, energyWh, gpuIdleMs, gpus } = performance
  const used = Math.max(...gpus.map(({ memory }) => memory?.peak ?? 0))
  return [
    gpuHours === null
      ? undefined
      : { label: 'GPU-hours', value: formatHours(gpuHours), note: gpuCount === 1 ? '1 GPU' : `${gpuCount} GPUs` },
    gpuUtilization ? { label: 'GPU use', ...formatSpread(gpuUtilization, formatPercent) } : undefined,
    gpuMemoryPeak === null
      ? undefined
      : { label: 'GPU memory, peak', value: formatPercent(gpuMemoryPeak), note: formatBytes(used) },
    energyWh === null ? undefined : { label: 'Energy of GPUs', value: formatEnergy(energyWh), note: 'by their power' },
    gpuIdleMs === null || gpuIdleMs < 1_000
      ? undefined
      : {
          label: 'GPU idle',
          value: formatDuration(gpuIdleMs),
          note: gpuCount > 1 ? 'below 10 %, mean a GPU' : 'below 10 %',
        },
  ]
}

/** Of several hosts the table tells; of one, its CPU and memory stand here. */
function listHostFigures({ hosts }: JobPerformance): (Figure | undefined)[] {
  const [host] = hosts
  if (!host || hosts.length > 1) return []
  const { cpu, memory, jobMemory } = host
  return [
    cpu ? { label: 'CPU', ...formatSpread(cpu, formatPercent) } : undefined,
    jobMemory
      ? { label: 'Memory of the job', ...formatSpread(jobMemory, formatBytes) }
      : memory
        ? { label: 'Memory', ...formatSpread(memory, formatBytes) }
        : undefined,
  ]
}
