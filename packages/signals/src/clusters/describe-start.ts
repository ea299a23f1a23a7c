/** What is known of where a wish for GPUs could start, in words: the same in the page and in the terminal. */
import type { GpuDemand, StartAnswer, StartObstacle, StartQuery, TimedStart, WaitReason } from '@pilothouse/contract'
import { formatCount, formatDuration, formatRelativeTime } from '../format.ts'

type Wish = Pick<StartQuery, 'gpus' | 'type' | 'nodes' | 'seconds'>
type NowPlace = StartAnswer['now'][number]
type LaterPlace = TimedStart['later'][number]

/** `4 × a100`, `1 GPU`. */
export function formatGpus(count: number, type: string | null | undefined): string {
  return type === null || type === undefined ? countWords(count, 'GPU') : `${formatCount(count)} × ${type}`
}

/** `4 × a100 on 2 nodes for 8 h`. */
export function describeWish({ gpus, type, nodes, seconds }: Wish): string {
  const on = nodes === undefined ? '' : ` on ${countWords(nodes, 'node')}`
  return `${formatGpus(gpus, type)}${on}${seconds === undefined ? '' : ` for ${formatDuration(seconds * 1000)}`}`
}

/** The answer in one sentence. */
export function summariseStart(
  { now, later }: Pick<StartAnswer, 'now' | 'later'>,
  wish: Wish,
): { verdict: 'now' | 'later' | 'never'; words: string } {
  const what = describeWish(wish)
  const [first] = now
  if (first) return { verdict: 'now', words: `${what} can start now in «${first.partition}».` }
  const [next] = later
  if (next) return { verdict: 'later', words: `${what} cannot start now. In «${next.partition}» it would wait.` }
  return { verdict: 'never', words: `${what} cannot start here, not even when everything is free.` }
}

/** Where it would run, and what else to know of that. */
export function describeNow({ nodes, gpusPerNode, type, on, ahead, isPreemptible }: NowPlace): string {
  const share = `${formatGpus(gpusPerNode, type)} on ${nodes === 1 ? '' : `each of ${formatCount(nodes)}: `}${listNodes(on)}.`
  return [share, describeAhead(ahead, 'may come first'), describePreemption(isPreemptible)].filter(Boolean).join(' ')
}

/** For how many GPUs it would wait, why they are not to be had, and behind whom. */
export function describeLater(place: LaterPlace, now: number): string {
  const { nodes, gpusPerNode, missing, reasons, type, ahead, isPreemptible } = place
  const share = `${formatGpus(gpusPerNode, type)} on ${nodes === 1 ? 'a node' : `each of ${formatCount(nodes)} nodes`}`
  const why = reasons.length === 0 ? '' : ` ${reasons.map((reason) => waitWords[reason]).join(', ')}.`
  const lack = `${share}: ${missing === 1 ? '1 GPU is' : `${formatCount(missing)} GPUs are`} missing.`
  return [
    `${lack}${capitalise(why)}`,
    describeFree(place, now),
    describeAhead(ahead, 'wait before it'),
    describePreemption(isPreemptible),
  ]
    .filter(Boolean)
    .join(' ')
}

function describeFree({ freeBy }: LaterPlace, now: number): string {
  if (freeBy === null) return ''
  const when = freeBy <= now ? 'any moment' : `${formatRelativeTime(freeBy, now)} at the latest`
  return `By the limits of the jobs that run, they are free ${when}.`
}

const waitWords: Record<WaitReason, string> = {
  used: 'some are in use',
  held: 'some are held for jobs of higher priority or a reservation',
  stranded: 'some are idle while the CPUs or the memory beside them are in use',
  asleep: 'some are on nodes that are switched off, which a job wakes within minutes',
  broken: 'some are on nodes that are down or drained',
}

/** Why a partition never starts it. */
export function describeObstacle(obstacle: StartObstacle): string {
  switch (obstacle.kind) {
    case 'noSuchType':
      return `It has no such GPUs${list(
        obstacle.types.filter((type) => type !== null),
        ', only',
      )}.`
    case 'maxTime': {
      const most = formatDuration(obstacle.maxSeconds * 1000)
      return `Jobs there run for at most ${most}, and ${formatDuration(obstacle.seconds * 1000)} is asked for.`
    }
    case 'maxNodes':
      return `A job there has at most ${countWords(obstacle.max, 'node')}, and it takes ${formatCount(obstacle.nodes)}.`
    case 'minNodes':
      return `A job there has at least ${countWords(obstacle.min, 'node')}, and ${formatCount(obstacle.nodes)} is asked for.`
    case 'gpusPerNode':
      return `No node there has ${formatCount(obstacle.gpus)} of them; the most is ${formatCount(obstacle.max)}.`
    case 'gpus':
      return obstacle.max === 0
        ? 'No node there would do.'
        : `At most ${formatCount(obstacle.max)} of them can be had together there.`
    case 'uneven':
      return `${countWords(obstacle.gpus, 'GPU')} cannot be shared evenly by ${countWords(obstacle.nodes, 'node')}.`
    case 'state':
      return `It is ${obstacle.state} and starts no jobs.`
    case 'account':
      return `None of your accounts is let in${list(obstacle.allowed, '; it takes')}.`
    case 'qos':
      return `None of your QoS is let in${list(obstacle.allowed, '; it takes')}.`
    case 'group':
      return `It is for members of a group${list(obstacle.allowed, ':')}.`
    case 'partition':
      return `It is not among those that you can use${list(obstacle.allowed, ':')}.`
    default:
      return obstacle satisfies never
  }
}

/** `2 jobs for 12 GPUs`; empty for none. */
export function describeDemand({ jobs, gpus }: GpuDemand): string {
  return jobs === 0 ? '' : `${countWords(jobs, 'job')} for ${countWords(gpus, 'GPU')}`
}

function describeAhead(ahead: GpuDemand, what: string): string {
  return ahead.jobs === 0 ? '' : `${describeDemand(ahead)} ${ahead.jobs === 1 ? what.replace('wait', 'waits') : what}.`
}

function describePreemption(isPreemptible: boolean): string {
  return isPreemptible ? 'Jobs there can be stopped for those of higher rank.' : ''
}

const namesShown = 4

function listNodes(names: readonly string[]): string {
  const more = names.length - namesShown
  const shown = names.slice(0, namesShown).join(', ')
  return more > 0 ? `${shown} and ${formatCount(more)} more` : shown
}

function list(words: readonly string[], before: string): string {
  return words.length === 0 ? '' : `${before} ${words.join(', ')}`
}

function countWords(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

function capitalise(text: string): string {
  return text.replace(/[a-z]/, (letter) => letter.toUpperCase())
}
