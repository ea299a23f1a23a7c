import type { LaunchOrder } from '@pilothouse/contract'
import type { Target, TargetRun } from '@pilothouse/fleet'

/** Has a target do what somebody wants of a run. @throws what the target throws */
export async function obey(target: Target, run: TargetRun, order: LaunchOrder): Promise<void> {
  switch (order) {
    case 'cancel':
      await target.cancel(run)
      return
    case 'hold':
      await target.hold(run)
      return
    case 'release':
      await target.release(run)
      return
    case 'requeue':
      await target.requeue(run)
      return
    default:
      return order satisfies never
  }
}
