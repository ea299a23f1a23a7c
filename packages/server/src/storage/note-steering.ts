import type { SteeringChange } from '@pilothouse/contract'
import type { Changes } from './operation.ts'

type Part = SteeringChange['parts'][number]

/** Has whoever watches ask again for these lists of a job. */
export function noteSteering({ steering }: Changes, uid: string, ...parts: readonly Part[]): void {
  const known = steering.get(uid) ?? new Set<Part>()
  for (const part of parts) known.add(part)
  steering.set(uid, known)
}
