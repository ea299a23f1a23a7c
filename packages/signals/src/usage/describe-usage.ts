import type { UsageHistory } from '@pilothouse/contract'
import { formatCount } from '../format.ts'
import { formatPercent } from '../performance/format-figures.ts'

const names: Readonly<Record<string, string>> = {
  unknown: 'not known',
  lost: 'lost: nobody knows',
  'gpu-memory': 'out of GPU memory',
  'host-memory': 'out of memory',
  'no-gpu': 'no GPU found',
  'gpu-fault': 'GPU fault',
  'time-limit': 'time limit was over',
  'pre-empted': 'had to make room',
  'lost-host': 'its host failed',
  'not-launched': 'could not be launched',
  'not-finite': 'loss was no number',
  'hub-access': 'no access to the hub',
}

/** Why jobs did not complete, in a few words: of a rule of the diagnosis its id, unless it reads badly. */
export function nameCause(cause: string): string {
  return names[cause] ?? cause.replaceAll('-', ' ')
}

/** What was used of what was asked for, with the jobs that it rests on; nothing where nobody knows. */
export function describeUse({ time, gpus, memory }: UsageHistory['use']): string[] {
  const say = ({ jobs, share }: UsageHistory['use']['time'], words: (percent: string) => string): string[] =>
    share === null
      ? []
      : [`${words(formatPercent(share * 100))}, of ${jobs === 1 ? '1 job' : `${formatCount(jobs)} jobs`}`]
  return [
    ...say(time, (percent) => `Used ${percent} of the time asked for`),
    ...say(gpus, (percent) => `GPUs were busy ${percent} of the time`),
    ...say(memory, (percent) => `Used ${percent} of the memory asked for, at the peak`),
  ]
}

/** `42.0`; from 100 on whole. */
export function formatUsageHours(hours: number): string {
  return hours >= 100 ? formatCount(Math.round(hours)) : hours.toFixed(1)
}
