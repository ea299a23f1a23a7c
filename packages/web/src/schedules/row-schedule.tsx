import type { JobSchedule, Parameter } from '@pilothouse/contract'
import { CalendarClock } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { isLiveSchedule } from './describe-phase.ts'

type RowProps = {
  parameter: Parameter
  schedules: readonly JobSchedule[]
  /** Absent where none can be added. */
  onAdd: ((key: string) => void) | undefined
}

/** In the row of a parameter: what moves it, and what has it moved. */
export function RowSchedule({ parameter: { key, type }, schedules, onAdd }: RowProps) {
  const live = schedules.filter((one) => one.schedule.key === key && isLiveSchedule(one))
  const isNumber = type === 'number' || type === 'integer'
  if (live.length === 0 && !(onAdd && isNumber)) return null
  return (
    <div className="flex min-w-0 flex-col items-start gap-1 text-12 text-muted">
      {live.map(({ id, words, state }) => (
        <p key={id} className="flex min-w-0 items-start gap-1.5">
          <CalendarClock size={14} className="mt-0.5 shrink-0 text-accent" aria-hidden />
          <span className="min-w-0 wrap-anywhere">
            {state.phase === 'active' ? 'Moved by a schedule: ' : 'A schedule waits: '}
            {words}
          </span>
        </p>
      ))}
      {onAdd && isNumber ? (
        <Button
          look="quiet"
          className="-ml-1.5 h-6 px-1.5 text-12"
          aria-haspopup="dialog"
          aria-label={`Add a schedule of ${key}`}
          onClick={() => onAdd(key)}
        >
          Schedule…
        </Button>
      ) : null}
    </div>
  )
}
