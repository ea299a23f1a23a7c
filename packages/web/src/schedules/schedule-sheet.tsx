import { useState } from 'react'
import type { Job, JobSchedule, Parameter } from '@pilothouse/contract'
import { jobSource } from '@pilothouse/contract/wire'
import { useServerNow } from '../app/services.ts'
import { formatParameter } from '../commands/describe-command.ts'
import { useLatestOf } from '../impact/use-impact.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { Entry, Pick } from './form-fields.tsx'
import { assumePace, readSchedule, type DraftFaults, type ScheduleDraft } from './schedule-draft.ts'
import { SchedulePreview } from './schedule-preview.tsx'
import { useScheduleActions } from './use-schedules.ts'

type SheetProps = {
  job: Job
  /** Numbers among its parameters: only they move. */
  parameters: readonly Parameter[]
  schedules: readonly JobSchedule[]
  /** Parameter that it begins with. */
  first: string
  /** It is proposed only: an admin has to approve it. */
  proposes: boolean
  onClose: () => void
}

/** Has a parameter move by itself: from when, how, to what and how long, with the curve that comes of it. */
export function ScheduleSheet({ job, parameters, schedules, first, proposes, onClose }: SheetProps) {
  const nowMs = useServerNow(5_000)
  const metrics = useMetricKeys(job)
  const [draft, setDraft] = useState<ScheduleDraft>(() => beginDraft(first, job))
  const [note, setNote] = useState('')
  const [isTried, setTried] = useState(false)
  const { create } = useScheduleActions(job.uid)
  const parameter = parameters.find(({ key }) => key === draft.key) ?? parameters[0]
  if (!parameter) return null
  const known = assumePace(job, parameter.value, nowMs)
  const filled = { ...draft, key: parameter.key, metric: draft.metric === '' ? (metrics[0] ?? '') : draft.metric }
  const setting = { parameter, others: schedules, now: known.now, metrics: job.metrics }
  const { schedule, faults } = readSchedule(filled, setting)
  const isReady = schedule !== undefined && Object.keys(faults).length === 0
  const shown = isTried ? faults : hideEmpty(faults, filled)
  const enter = (part: Partial<ScheduleDraft>): void => {
    create.reset()
    setDraft((before) => ({ ...before, ...part }))
  }
  const send = (): void => {
    setTried(true)
    if (!isReady || create.isPending) return
    const words = note.trim()
    create.mutate({ schedule, ...(words === '' ? {} : { note: words }) }, { onSuccess: onClose })
  }
  return (
    <Sheet
      open
      title={proposes ? 'Propose a schedule' : 'Add a schedule'}
      onClose={onClose}
      footer={
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={(isTried && !isReady) || create.isPending} onClick={send}>
            {proposes ? 'Propose the schedule' : 'Add the schedule'}
          </Button>
        </div>
      }
    >
      <form
        className="flex flex-col gap-4 px-4 py-3 sm:px-6 sm:py-4"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <div className="flex">
          <Pick
            label="Parameter"
            value={parameter.key}
            choices={parameters.map(({ key, value }) => [key, `${key}, now ${formatParameter(value)}`] as const)}
            onChange={(key) => enter({ key })}
          />
        </div>
        <StartFields draft={filled} faults={shown} metrics={metrics} onEnter={enter} />
        <ShapeFields draft={filled} faults={shown} parameter={parameter} onEnter={enter} />
        {schedule && isReady ? (
          <section aria-label="Preview" className="rounded-lg border border-line px-3 py-2.5">
            <SchedulePreview schedule={schedule} parameter={parameter} known={known} />
          </section>
        ) : (
          <p className="rounded-lg border border-line px-3 py-2.5 text-muted">
            The curve is drawn here as soon as the fields say what it is.
          </p>
        )}
        <TextField label="Note (optional)" value={note} onChange={setNote} placeholder="Why?" />
        {proposes ? (
          <p className="text-12 text-muted">An admin has to approve it. Until then the job knows nothing of it.</p>
        ) : null}
        {faults['schedule'] === undefined ? null : (
          <p role="alert" className="wrap-anywhere text-bad">
            {faults['schedule']}
          </p>
        )}
        {create.error ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {create.error.message}
          </p>
        ) : null}
        <button type="submit" className="hidden" tabIndex={-1} aria-hidden />
      </form>
    </Sheet>
  )
}

type FieldsProps = { draft: ScheduleDraft; faults: DraftFaults; onEnter: (part: Partial<ScheduleDraft>) => void }

const starts = [
  ['now', 'now'],
  ['step', 'at a step'],
  ['epoch', 'at an epoch'],
  ['time', 'at a time'],
  ['metric', 'when a metric …'],
] as const
const comparisons = [
  ['below', 'is below'],
  ['above', 'is above'],
  ['noImprovement', 'has not improved'],
] as const

function StartFields({ draft, faults, metrics, onEnter }: FieldsProps & { metrics: readonly string[] }) {
  const { at, is } = draft
  const fault = faults['start.value']
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="sr-only">When it begins</legend>
      <div className="flex flex-wrap gap-3">
        <Pick
          label="Begins"
          value={at}
          choices={starts}
          onChange={(next) => onEnter({ at: next })}
          fault={faults['start.at']}
        />
        {at === 'step' ? (
          <Entry label="Step" value={draft.step} onChange={(step) => onEnter({ step })} fault={fault} />
        ) : null}
        {at === 'epoch' ? (
          <Entry label="Epoch" value={draft.epoch} onChange={(epoch) => onEnter({ epoch })} fault={fault} />
        ) : null}
        {at === 'time' ? (
          <Entry
            label="Time"
            type="datetime-local"
            value={draft.time}
            onChange={(time) => onEnter({ time })}
            fault={fault}
          />
        ) : null}
      </div>
      {at === 'metric' ? (
        <div className="flex flex-wrap gap-3">
          <Pick
            label="Metric"
            value={draft.metric}
            choices={metrics.map((key) => [key, key] as const)}
            onChange={(metric) => onEnter({ metric })}
            fault={faults['start.condition.metric']}
          />
          <Pick label="Condition" value={is} choices={comparisons} onChange={(next) => onEnter({ is: next })} />
          {is === 'noImprovement' ? null : (
            <Entry
              label="Value"
              value={draft.limit}
              onChange={(limit) => onEnter({ limit })}
              fault={faults['start.condition.value']}
            />
          )}
          <Entry
            label={is === 'noImprovement' ? 'For so many values' : 'Values in a row'}
            value={draft.points}
            onChange={(next) => onEnter({ points: next })}
            fault={faults['start.condition.points']}
          />
        </div>
      ) : null}
    </fieldset>
  )
}

const shapes = [
  ['set', 'set at once'],
  ['linear', 'linear'],
  ['cosine', 'cosine'],
  ['exponential', 'exponential'],
  ['warmup', 'warm-up'],
] as const
const units = [
  ['steps', 'steps'],
  ['epochs', 'epochs'],
  ['minutes', 'minutes'],
] as const

function ShapeFields({ draft, faults, parameter, onEnter }: FieldsProps & { parameter: Parameter }) {
  const { kind, unit } = draft
  const length = faults['shape.over'] ?? faults[`shape.over.${unit === 'minutes' ? 'ms' : unit}`]
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="sr-only">How it moves</legend>
      <div className="flex flex-wrap gap-3">
        <Pick
          label="Shape"
          value={kind}
          choices={shapes}
          onChange={(next) => onEnter({ kind: next })}
          fault={faults['shape.kind']}
        />
        {kind === 'set' ? null : (
          <Entry
            label={kind === 'warmup' ? 'From' : 'From (optional)'}
            placeholder={kind === 'warmup' ? '' : 'as it is then'}
            value={draft.from}
            onChange={(from) => onEnter({ from })}
            fault={faults['shape.from']}
          />
        )}
        <Entry
          label={parameter.unit === null ? 'To' : `To, ${parameter.unit}`}
          value={draft.to}
          onChange={(to) => onEnter({ to })}
          fault={faults['shape.to']}
        />
      </div>
      {kind === 'set' ? null : (
        <div className="flex flex-wrap gap-3">
          <Entry label="Over" value={draft.length} onChange={(next) => onEnter({ length: next })} fault={length} />
          <Pick label="Unit" value={unit} choices={units} onChange={(next) => onEnter({ unit: next })} />
        </div>
      )}
    </fieldset>
  )
}

function beginDraft(key: string, { progress }: Job): ScheduleDraft {
  return {
    key,
    at: 'now',
    step: '',
    epoch: progress?.epoch ? String(Math.ceil(progress.epoch)) : '',
    time: '',
    metric: '',
    is: 'below',
    limit: '',
    points: '1',
    kind: 'linear',
    from: '',
    to: '',
    length: '1000',
    unit: 'steps',
  }
}

/** Nobody has done wrong who has not come to a field yet. */
function hideEmpty(faults: DraftFaults, draft: ScheduleDraft): DraftFaults {
  const texts: Record<string, string> = {
    'start.value': draft.at === 'time' ? draft.time : draft.at === 'epoch' ? draft.epoch : draft.step,
    'start.condition.value': draft.limit,
    'shape.from': draft.from,
    'shape.to': draft.to,
  }
  return Object.fromEntries(Object.entries(faults).filter(([field]) => texts[field]?.trim() !== ''))
}

/** Metrics of the job itself, the headline first: what a schedule may wait for. */
function useMetricKeys({ uid, headline }: Job): readonly string[] {
  const { data } = useLatestOf(uid, undefined)
  const keys = new Set((data ?? []).filter(({ source }) => source === jobSource).map(({ key }) => key))
  const first = headline !== null && keys.has(headline.key) ? [headline.key] : []
  return [...first, ...[...keys].filter((key) => key !== headline?.key).sort()]
}
