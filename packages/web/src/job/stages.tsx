import { useEffect, useRef } from 'react'
import type { Job, Stage } from '@pilothouse/contract'
import { formatCount, formatDuration } from '@pilothouse/signals'
import { formatExactTime } from '../app/format-clock-time.ts'
import { useServerNow } from '../app/services.ts'
import { StageSign } from '../ui/state-sign.tsx'

/** Where the job is on its way: a column beside the charts, a strip on a narrow screen. */
export function Stages({ job }: { job: Job }) {
  const now = useServerNow()
  const strip = useRef<HTMLOListElement>(null)
  const active = job.stages.findIndex(({ state }) => state === 'active' || state === 'failed')
  // In the strip the active stage should be in sight; the page itself must not move for it.
  useEffect(() => {
    const [list, item] = [strip.current, strip.current?.children[active]]
    if (!list || !(item instanceof HTMLElement)) return
    const isSeen = item.offsetLeft + item.offsetWidth <= list.clientWidth
    list.scrollLeft = isSeen ? 0 : item.offsetLeft - 12
  }, [active])
  if (job.stages.length === 0) return null
  return (
    <section aria-labelledby="stages-title" className="rounded-lg border border-line bg-surface">
      <h2 id="stages-title" className="px-3 pt-2.5 pb-1 text-12 text-muted max-xl:sr-only">
        Stages
      </h2>
      <ol
        ref={strip}
        tabIndex={0}
        aria-labelledby="stages-title"
        className="relative flex max-xl:overflow-x-auto max-xl:[scrollbar-width:none] xl:flex-col xl:pb-2"
      >
        {job.stages.map((stage) => (
          <StageRow key={stage.position} stage={stage} now={now} />
        ))}
      </ol>
    </section>
  )
}

function StageRow({ stage, now }: { stage: Stage; now: number }) {
  const isActive = stage.state === 'active'
  const share =
    stage.done !== null && stage.total !== null && stage.total > 0 ? Math.min(1, stage.done / stage.total) : null
  return (
    <li
      aria-current={isActive ? 'step' : undefined}
      title={stage.startedAt === null ? undefined : `started ${formatExactTime(stage.startedAt)}`}
      className="flex min-w-0 shrink-0 flex-col gap-1 px-3 py-1.5 max-xl:min-w-max max-xl:flex-1 max-xl:border-r max-xl:border-line max-xl:px-2 max-xl:py-2 max-xl:last:border-r-0"
    >
      <div className="flex items-center gap-2">
        <StageSign state={stage.state} />
        <span
          className={`min-w-0 flex-1 truncate ${isActive ? 'font-medium' : stage.state === 'pending' || stage.state === 'skipped' ? 'text-faint' : ''}`}
        >
          {stage.name}
        </span>
        <span className="text-12 whitespace-nowrap text-muted">{describeStageTime(stage, now)}</span>
      </div>
      {isActive && share !== null ? (
        <div className="flex items-center gap-2 pl-[22px]">
          <div className="h-1 flex-1 overflow-hidden rounded-full bg-line">
            <div className="h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
          </div>
          <span className="text-12 whitespace-nowrap text-muted">
            {formatCount(stage.done ?? 0)}/{formatCount(stage.total ?? 0)}
          </span>
        </div>
      ) : null}
    </li>
  )
}

function describeStageTime({ state, startedAt, endedAt }: Stage, now: number): string {
  if (state === 'skipped') return ''
  if (startedAt === null) return ''
  return formatDuration(Math.max(0, (endedAt ?? now) - startedAt))
}
