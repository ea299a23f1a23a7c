/** What is to be done for an engine that was started from here. Pure. */
import type { KeptServing } from './serving-rows.ts'

/** Ports that are tried. */
export const triesMax = 3

type Standing = Pick<KeptServing, 'state' | 'launchState' | 'jobState'>

/** `end`: its job is over. `cancel`: it is to be. `reach`: it runs, so it may answer. */
export function judgeServing({ state, launchState, jobState }: Standing): 'end' | 'cancel' | 'reach' | 'wait' {
  if (launchState !== 'preparing' && launchState !== 'following') return 'end'
  // Of a deleted job the desk of its target ends what runs.
  if (state === 'stopping') return jobState === null ? 'wait' : 'cancel'
  return jobState === 'running' ? 'reach' : 'wait'
}

export type End = { kind: 'retry' } | { kind: 'ended'; state: 'stopped' | 'failed'; trouble: string | null }

/** @param lines the last of its log */
export function judgeEnd(
  serving: Pick<KeptServing, 'state' | 'trouble' | 'readyAt' | 'tries' | 'jobState' | 'jobError'>,
  lines: readonly string[],
): End {
  const { state, trouble, readyAt, tries, jobState, jobError } = serving
  // What was stopped because it never answered has failed.
  if (state === 'stopping') return { kind: 'ended', state: readyAt === null && trouble ? 'failed' : 'stopped', trouble }
  if (jobState === 'cancelled') return { kind: 'ended', state: 'stopped', trouble: 'Its job was cancelled.' }
  if (jobState === null) return { kind: 'ended', state: 'stopped', trouble: 'Its job was deleted.' }
  if (readyAt === null && isPortTaken(lines) && tries < triesMax) return { kind: 'retry' }
  const said = lines.map((line) => line.trim()).findLast((line) => line !== '')
  return { kind: 'ended', state: 'failed', trouble: said ?? jobError ?? 'It ended without a word.' }
}

/** As operating systems, vLLM and llama.cpp say it. */
function isPortTaken(lines: readonly string[]): boolean {
  return lines.some((line) => /address already in use|EADDRINUSE|couldn't bind/i.test(line))
}

/** Nobody has used it for as long as it may be idle. */
export function isIdle(
  { idleMinutes, readyAt, usedAt }: Pick<KeptServing, 'idleMinutes' | 'readyAt' | 'usedAt'>,
  now: number,
): boolean {
  if (idleMinutes === null || readyAt === null) return false
  return now - Math.max(readyAt, usedAt ?? 0) >= idleMinutes * 60_000
}
