import type { ClusterFault, ClusterStatus, ConnectionTest, GpuTypeRow, HostKeys } from '@pilothouse/contract'
import { formatDuration, formatGpus, sanitizeForTerminal } from '@pilothouse/signals'
import { viewClusterStatus } from './gpus-view.ts'
import type { Paint, PaintStyle } from './paint.ts'

/** A cluster with its free GPUs. */
export function viewCluster(
  status: ClusterStatus,
  types: readonly GpuTypeRow[] | null,
  view: { paint: Paint; now: number },
): string[] {
  const free = (types ?? []).map(({ type, free, total }) => `${formatGpus(free, type)} of ${total} free`)
  const where = `  ${sanitizeForTerminal(`${status.kind} at ${status.host}`)}`
  const what = types === null ? [] : [`  ${sanitizeForTerminal(free.join(', ') || 'No GPUs that you can use.')}`]
  return [...viewClusterStatus(status, view), where, ...what]
}

/** What is wrong in `clusters.yaml`, as compilers say it. */
export function viewClusterFaults(faults: readonly ClusterFault[], paint: Paint): string[] {
  const before = paint('dim', 'Until this is mended, the clusters are those of before.')
  return [...viewFileFaults('clusters.yaml', faults), before]
}

/** What is wrong in a file with this name. */
export function viewFileFaults(name: string, faults: readonly ClusterFault[]): string[] {
  return faults.map(({ line, column, message }) => sanitizeForTerminal(`${name}:${line}:${column}: ${message}`))
}

const outcomes: Record<ConnectionTest['steps'][number]['outcome'], { sign: string; style: PaintStyle }> = {
  done: { sign: '✓', style: 'green' },
  failed: { sign: '✗', style: 'red' },
  skipped: { sign: '·', style: 'dim' },
}

const stepNames: Record<ConnectionTest['steps'][number]['step'], string> = {
  name: 'Name',
  route: 'Route',
  hostKey: 'Host key',
  authentication: 'Log in',
  shell: 'Shell',
  slurm: 'Slurm',
}

/** How far the way to a cluster leads. */
export function viewConnectionTest({ ok, steps, tookMs }: ConnectionTest, paint: Paint): string[] {
  const lines = steps.flatMap(({ step, outcome, words, hint }) => {
    const { sign, style } = outcomes[outcome]
    const head = `${paint(style, sign)} ${stepNames[step].padEnd(9)} ${sanitizeForTerminal(words)}`
    return hint === null ? [head] : [head, `            ${sanitizeForTerminal(hint)}`]
  })
  return [...lines, paint('dim', `${ok ? 'All well' : 'It leads no further'}, after ${formatDuration(tookMs)}.`)]
}

/** What a host on the way shows, what was known of it, and what that means. */
export function viewHostKeys({ state, host, isJump, lookup, keys, known }: HostKeys, paint: Paint): string[] {
  const where = `${sanitizeForTerminal(host)}${isJump ? ', on the way,' : ''}`
  const what = {
    trusted: paint('green', `The key of ${where} is trusted.`),
    unknown: paint('yellow', `The key of ${where} is not known yet.`),
    changed: paint('red', `${where} shows another key than before.`),
  }[state]
  const old = known.map(({ type, fingerprint, file, line, isOurs, isRevoked }) => {
    const place = isOurs ? 'accepted here' : `${file}, line ${line}`
    return `  known  ${type.padEnd(7)} ${fingerprint}  ${sanitizeForTerminal(place)}${isRevoked ? ', revoked' : ''}`
  })
  const shown = keys.map(({ type, fingerprint }) => `  shown  ${type.padEnd(7)} ${fingerprint}`)
  return [`${what} ${paint('dim', sanitizeForTerminal(lookup))}`, ...shown, ...old]
}
