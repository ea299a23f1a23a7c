/** What is kept of a launch when its target has said how it stands. */
import type { RunStanding } from '@pilothouse/fleet'
import type { LaunchPatch } from './launch-operations.ts'
import { type KeptLaunch, noStanding } from './launch-rows.ts'

/** The steps of the launch move with it. @param now ms */
export function describeStanding(launch: KeptLaunch, standing: RunStanding, now: number): LaunchPatch {
  const { nodes, reason, position, expectedStartAt, restarts, state, slurmId } = standing
  launch.steps = finishSteps(launch.steps, standing, now)
  return {
    standing: JSON.stringify({ ...noStanding, nodes, reason, position, expectedStartAt, isHeld: state === 'held' }),
    restarts,
    attempt: restarts + 1,
    unknown_ms: null,
    trouble: null,
    looked_ms: now,
    ...(slurmId === null ? {} : { slurm_id: slurmId }),
    steps: JSON.stringify(launch.steps),
  }
}

function finishSteps(
  steps: KeptLaunch['steps'],
  { state, nodes, reason, startedAt: beganAt }: RunStanding,
  now: number,
): KeptLaunch['steps'] {
  const isWaiting = state === 'pending' || state === 'held' || state === 'waiting'
  return steps.map((one) => {
    if (one.step !== 'start' || (one.state === 'done' && !isWaiting)) return one
    // One that had begun, and was put back into the queue, waits from now on.
    const since = one.state === 'done' ? now : (one.startedAt ?? now)
    if (isWaiting) return { ...one, state: 'active', words: reason, startedAt: since, endedAt: null }
    const words = nodes.length > 0 ? `on ${nodes.join(', ')}` : null
    const at = Math.min(now, beganAt ?? now)
    const startedAt = one.startedAt ?? at
    // Its clock has whole seconds.
    const endedAt = Math.max(startedAt, at)
    return { ...one, state: 'done', words, startedAt, endedAt }
  })
}
