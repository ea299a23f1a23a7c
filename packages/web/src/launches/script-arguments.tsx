import { useState, type ReactNode } from 'react'
import type { ScriptDescription } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { CheckField, ChoiceField } from '../ui/fields.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { FieldRow, GroupRow } from './script-controls.tsx'
import {
  type PartProps,
  type ScriptChoice,
  type Words,
  findOverride,
  fitsFilter,
  groupFields,
  setOverride,
  sortFaults,
} from './script-draft.ts'

/** From so many fields on, they can be filtered. */
const filterFrom = 8

type ArgumentsProps = PartProps & {
  told: ScriptDescription
  faults: readonly Words[]
  jobsTotal: number
  isLooking: boolean
}

/** All that the script takes, with what is wrong at its place. */
export function Arguments({ told: all, choice, faults, jobsTotal, isLooking, onChange }: ArgumentsProps) {
  const [filter, setFilter] = useState('')
  const [onlyChanged, setOnlyChanged] = useState(false)
  const { arguments: value } = choice
  const fields = all.fields.filter(({ command }) => command === null || command === value.command)
  const told = { ...all, fields }
  const set = (next: ScriptChoice['arguments']): void => onChange({ ...choice, arguments: next })
  const { of, rest } = sortFaults(faults, told)
  const changed = value.overrides.length
  const shown = fields.filter(
    (field) => fitsFilter(field, filter) && !(onlyChanged && findOverride(value, field.key) === undefined),
  )
  const groups = told.groups.filter(
    ({ key }) => key.includes(filter) && !(onlyChanged && findOverride(value, key) === undefined),
  )
  return (
    <section aria-labelledby="arguments-title" className="flex min-w-0 flex-col gap-3">
      <header className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-2">
        <h2 id="arguments-title" className="text-14 font-medium">
          Arguments
        </h2>
        <span className="text-12 text-muted">{describeSource(told)}</span>
        <span role="status" className="text-12 text-muted">
          {isLooking ? 'checking …' : sayChecked(all, faults.length, jobsTotal)}
        </span>
        {told.fields.length >= filterFrom ? (
          <div className="flex w-full flex-wrap items-center gap-3 sm:ml-auto sm:w-auto">
            {changed > 0 || onlyChanged ? (
              <CheckField label={`changed (${changed})`} isOn={onlyChanged} onChange={setOnlyChanged} />
            ) : null}
            <SearchField label="Filter arguments" text={filter} onText={setFilter} className="w-full sm:w-56" />
          </div>
        ) : null}
      </header>
      {told.fault ? <Trouble fault={told.fault} /> : null}
      {told.notes.map((note) => (
        <p key={note} className="text-12 wrap-anywhere text-muted">
          {note}
        </p>
      ))}
      <Faults faults={rest} />
      <Strays told={told} choice={choice} onChange={onChange} />
      {told.commands.length > 0 ? (
        <div className="max-w-sm">
          <ChoiceField
            label="Command"
            value={value.command ?? ''}
            choices={[
              ['', 'none'],
              ...told.commands.map(({ name, help }) => [name, help ? `${name}: ${help}` : name] as const),
            ]}
            onChange={(command) => set({ ...value, command: command === '' ? null : command })}
          />
        </div>
      ) : null}
      {groups.length > 0 ? (
        <Box title="Groups">
          {groups.map((group) => (
            <GroupRow key={group.key} group={group} value={value} fault={of.get(group.key)} onChange={set} />
          ))}
        </Box>
      ) : null}
      {groupFields(shown).map(([heading, fields]) => (
        <Box key={heading ?? ''} title={heading ?? (told.kind === 'hydra' ? 'Values' : 'Options')}>
          {fields.map((field) => (
            <FieldRow
              key={`${field.command ?? ''} ${field.key}`}
              field={field}
              value={value}
              fault={of.get(field.key)}
              onChange={set}
            />
          ))}
        </Box>
      ))}
      {told.fields.length > 0 && shown.length === 0 && groups.length === 0 ? (
        <p className="text-muted">No argument fits the filter.</p>
      ) : null}
    </section>
  )
}

function describeSource({ kind, library, recognised, python, fields }: ScriptDescription): string {
  const by = library ?? (kind === 'none' ? recognised : kind)
  const count = kind === 'none' ? [] : [fields.length === 1 ? '1 value' : `${formatCount(fields.length)} values`]
  return [...(by === null ? [] : [by]), ...(python === '' ? [] : [`Python ${python}`]), ...count].join(' · ')
}

function sayChecked({ kind, others }: ScriptDescription, faults: number, jobs: number): string {
  const wrong = faults + others.errors.length
  if (wrong > 0) return wrong === 1 ? '1 thing to mend' : `${formatCount(wrong)} things to mend`
  if (kind === 'none') return ''
  const checked = 1 + others.checked
  return jobs === 1
    ? 'checked'
    : `${checked < jobs ? `${formatCount(checked)} of ` : ''}${formatCount(jobs)} jobs checked`
}

function Box({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="overflow-hidden rounded-lg border border-line bg-surface">
      <h3 className="border-b border-line px-4 py-1.5 font-mono text-12 wrap-anywhere text-muted">{title}</h3>
      <ul>{children}</ul>
    </section>
  )
}

function Trouble({ fault: { message, hint, output } }: { fault: NonNullable<ScriptDescription['fault']> }) {
  return (
    <div role="alert" className="flex flex-col gap-2 rounded-md bg-warn-soft px-3 py-2">
      <p className="wrap-anywhere text-warn">
        <span className="font-medium">{message}</span> {hint}
      </p>
      {output === null ? null : (
        <pre
          tabIndex={0}
          aria-label="What it printed"
          className="max-h-60 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-12 whitespace-pre-wrap wrap-anywhere"
        >
          {output}
        </pre>
      )}
    </div>
  )
}

export function Faults({ faults }: { faults: readonly Words[] }) {
  if (faults.length === 0) return null
  return (
    <div role="alert" className="flex flex-col gap-1">
      {faults.map(({ key, message }, at) => (
        <p key={at} className="whitespace-pre-line wrap-anywhere text-bad">
          {key === null || key === '' ? null : <span className="font-mono text-12">{key}: </span>}
          {message}
        </p>
      ))}
    </div>
  )
}

/** What is set and has no field, as of a group that is no longer chosen. */
function Strays({ told, choice, onChange }: PartProps & { told: ScriptDescription }) {
  const known = new Set([...told.fields, ...told.groups].map(({ key }) => key))
  const strays = choice.arguments.overrides.filter(({ key }) => !known.has(key))
  if (strays.length === 0 || told.fields.length === 0) return null
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="text-12 text-muted">Set, but no argument now:</span>
      {strays.map(({ key, value }) => (
        <Button
          key={key}
          aria-label={`Remove ${key}`}
          onClick={() => onChange({ ...choice, arguments: setOverride(choice.arguments, key, undefined) })}
        >
          <span className="max-w-60 truncate font-mono text-12">{value === null ? key : `${key}=${value}`}</span>
          <X size={14} aria-hidden />
        </Button>
      ))}
    </div>
  )
}
