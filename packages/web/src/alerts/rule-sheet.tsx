import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import type { AlertCondition, AlertRule, AlertRuleInput, AlertScope } from '@pilothouse/contract'
import { alertLevels } from '@pilothouse/contract/wire'
import { describeCondition } from '@pilothouse/signals'
import { Button } from '../ui/button.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { ConditionFields } from './condition-fields.tsx'
import { CheckField, CheckList, ChoiceField, NumberField, TextField } from '../ui/fields.tsx'
import { conditionNames, firstConditions } from './rule-templates.ts'
import { toInput, useAlertRights, useRuleChanges } from './use-alerts.ts'
import { useChannels } from './use-channels.ts'

const minuteMs = 60_000
const kinds = Object.entries(conditionNames) as [AlertCondition['kind'], string][] // of a literal object

type Draft = Omit<AlertRule, 'id' | 'owner' | 'createdAt' | 'changedAt' | 'open'>
type Props = { rule: AlertRule | undefined; job: string | undefined; onClose: () => void }

/** A rule to write or to change. Its name follows what it looks at until somebody gives it one. */
export function RuleSheet({ rule, job, onClose }: Props) {
  const [draft, setDraft] = useState<Draft>(() => (rule ? { ...rule } : firstDraft(job)))
  const [isNamed, setNamed] = useState(rule !== undefined)
  const { create, replace } = useRuleChanges()
  const name = isNamed ? draft.name : nameOf(draft.condition)
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }))
  const isPending = create.isPending || replace.isPending
  const error = create.error ?? replace.error
  const isComplete = name.trim() !== '' && isSound(draft)
  const save = (): void => {
    if (!isComplete || isPending) return
    const body: AlertRuleInput = { ...draft, name: name.trim() }
    const done = { onSuccess: onClose }
    if (rule) replace.mutate({ id: rule.id, body: { ...toInput(rule), ...body } }, done)
    else create.mutate(body, done)
  }
  return (
    <Sheet
      open
      onClose={onClose}
      title={rule ? 'Change the rule' : 'New rule'}
      footer={
        <div className="flex items-center justify-end gap-2">
          {error ? (
            <p role="alert" className="mr-auto wrap-anywhere text-bad">
              {error.message}
            </p>
          ) : null}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isComplete || isPending} onClick={save}>
            {rule ? 'Save' : 'Add rule'}
          </Button>
        </div>
      }
    >
      <form
        className="flex flex-col gap-4 px-4 py-4 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <ChoiceField
          label="Tell when"
          value={draft.condition.kind}
          choices={kinds}
          onChange={(kind) => change({ condition: firstConditions[kind] })}
        />
        <ConditionFields condition={draft.condition} onChange={(condition) => change({ condition })} />
        <p className="rounded-md bg-sunken px-3 py-2 text-muted">
          Told {isSound(draft) ? `when ${describeCondition(draft.condition)}` : 'once every field is filled in'}.
        </p>
        <ScopeFields scope={draft.scope} onChange={(scope) => change({ scope })} />
        <ChoiceField
          label="Level"
          value={draft.level}
          choices={alertLevels.map((level) => [level, level] as const)}
          onChange={(level) => change({ level })}
        />
        <ChannelFields draft={draft} change={change} />
        <NumberField
          label="From one alert of a series to the next, at least"
          unit="minutes"
          min={0}
          value={draft.cooldownMs / minuteMs}
          onChange={(minutes) => change({ cooldownMs: Math.round(minutes * minuteMs) })}
        />
        <TextField
          label="Name"
          value={name}
          onChange={(text) => {
            setNamed(true)
            change({ name: text })
          }}
        />
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
      </form>
    </Sheet>
  )
}

function ScopeFields({ scope, onChange }: { scope: AlertScope; onChange: (scope: AlertScope) => void }) {
  const first: Record<AlertScope['kind'], AlertScope> = {
    all: { kind: 'all' },
    project: { kind: 'project', project: '' },
    job: { kind: 'job', job: '' },
  }
  return (
    <div className="flex flex-wrap gap-3">
      <ChoiceField
        label="Of"
        value={scope.kind}
        choices={[
          ['all', 'all jobs'],
          ['project', 'the jobs of a project'],
          ['job', 'one job'],
        ]}
        onChange={(kind) => onChange(first[kind])}
      />
      {scope.kind === 'project' ? (
        <TextField
          label="Project"
          value={scope.project}
          onChange={(project) => onChange({ kind: 'project', project })}
        />
      ) : null}
      {scope.kind === 'job' ? (
        <TextField label="Id of the job" mono value={scope.job} onChange={(job) => onChange({ kind: 'job', job })} />
      ) : null}
    </div>
  )
}

function ChannelFields({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const channels = useChannels().data?.channels ?? []
  const { mayManageChannels } = useAlertRights()
  return (
    <div className="flex flex-col gap-2">
      <CheckList
        label="Told in the page, and on"
        values={draft.channels}
        choices={channels.map(({ id, name }) => [id, name] as const)}
        onChange={(ids) => change({ channels: ids })}
        empty={
          <p className="text-muted">
            There is no channel yet.{' '}
            {mayManageChannels ? (
              <Link to="/alerts" search={{ tab: 'channels' }} className="text-accent underline">
                Add one
              </Link>
            ) : (
              'An admin can add one.'
            )}
          </p>
        }
      />
      {draft.channels.length > 0 ? (
        <CheckField
          label="Tell them when it is over, too"
          isOn={draft.tellResolved}
          onChange={(tellResolved) => change({ tellResolved })}
        />
      ) : null}
    </div>
  )
}

function firstDraft(job: string | undefined): Draft {
  return {
    name: '',
    condition: firstConditions.state,
    scope: job === undefined ? { kind: 'all' } : { kind: 'job', job },
    level: 'warning',
    channels: [],
    clearMs: 0,
    cooldownMs: 5 * minuteMs,
    tellResolved: true,
    enabled: true,
  }
}

function nameOf(condition: AlertCondition): string {
  // All kinds in a row are no name.
  if (condition.kind === 'anomaly' && condition.kinds.length > 2) return conditionNames.anomaly
  const words = describeCondition(condition)
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.slice(0, 120)
}

/** Everything that must be there is there. */
function isSound({ condition, scope, cooldownMs }: Draft): boolean {
  const values: unknown[] = Object.values<unknown>({ ...condition, ...scope })
  const isFilled = values.every(
    (value) => value !== '' && !Number.isNaN(value) && !(Array.isArray(value) && value.length === 0),
  )
  return isFilled && cooldownMs >= 1_000
}
