import type { Parameter, Schedule } from '@pilothouse/contract'
import { describeSchedule, formatCount, type PreviewAssumptions } from '@pilothouse/signals'
import { LinePlot } from '../ui/line-plot.tsx'
import { drawPreview } from './draw-preview.ts'

type PreviewProps = {
  schedule: Schedule
  parameter: Parameter
  known: Omit<PreviewAssumptions, 'conditionStep'>
}

/** What a schedule will do, over the coming steps and in words. */
export function SchedulePreview({ schedule, parameter, known }: PreviewProps) {
  const { xs, ys, startStep, endStep, assumed } = drawPreview(schedule, parameter, known)
  const words = describeSchedule(schedule)
  const places =
    startStep === null || endStep === null
      ? ''
      : ` From step ${formatCount(startStep)} to step ${formatCount(endStep)}.`
  return (
    <div className="flex flex-col gap-1.5">
      <p className="wrap-anywhere" data-preview={schedule.key}>
        {words}
      </p>
      <LinePlot
        label={`Preview: ${words}.${places}`}
        lines={[{ name: schedule.key, xs, ys, look: 'solid' }]}
        marks={startStep === null ? [] : [{ x: startStep, name: 'begins' }]}
        log={parameter.log}
        className="h-36"
      />
      {assumed === null ? null : <p className="text-12 text-muted">{assumed}</p>}
    </div>
  )
}
