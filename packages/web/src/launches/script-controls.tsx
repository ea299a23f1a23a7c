import { useId, type ReactNode } from 'react'
import type { ScriptArguments, ScriptField, ScriptGroup, ScriptOverride } from '@pilothouse/contract'
import { limits, readSweep, splitWords } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { Layers, RotateCcw } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { findOverride, joinChoices, readValue, setOverride, showValue } from './script-draft.ts'

type ControlProps = {
  value: ScriptArguments
  fault: string | undefined
  onChange: (next: ScriptArguments) => void
}

const inputClass =
  'h-8 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2 aria-invalid:border-bad pointer-coarse:h-11 pointer-coarse:text-16'

/** Choices that can be ticked for a sweep; more are written. */
const ticksMax = 12

/** One argument: what it is, what it is set to, and how it is swept over. */
export function FieldRow({ field, value, fault, onChange }: ControlProps & { field: ScriptField }) {
  const { key, name, help, default: usual, required, choices } = field
  const override = findOverride(value, key)
  const set = (next: ScriptOverride | undefined): void => onChange(setOverride(value, key, next))
  return (
    <Row
      name={name}
      label={key}
      help={help}
      under={
        usual === null ? (required ? 'must be set' : 'not set by itself') : `default ${usual === '' ? 'empty' : usual}`
      }
      override={override}
      options={undefined}
      choices={choices}
      fault={fault ?? findFault(field, override)}
      doubt={findDoubt(field, override)}
      canSweep={field.form !== 'flag' && !field.many}
      first={override?.value ?? usual ?? ''}
      onSet={set}
    >
      {(ids) => <FieldControl field={field} override={override} ids={ids} onSet={set} />}
    </Row>
  )
}

/** A group of Hydra: which of its options. */
export function GroupRow({ group, value, fault, onChange }: ControlProps & { group: ScriptGroup }) {
  const { key, options, default: usual } = group
  const override = findOverride(value, key)
  const set = (next: ScriptOverride | undefined): void => onChange(setOverride(value, key, next))
  const chosen = override?.value ?? usual ?? ''
  return (
    <Row
      name={key.replace(/^\+/, '')}
      label={key}
      help={null}
      under={usual === null ? (key.startsWith('+') ? 'not chosen by itself' : 'must be chosen') : `default ${usual}`}
      override={override}
      options={options}
      choices={options}
      fault={fault}
      canSweep
      first={chosen}
      onSet={set}
    >
      {(ids) => (
        <Select
          ids={ids}
          value={chosen}
          choices={options}
          empty={usual === null ? 'none' : undefined}
          onChange={(next) => set(next === (usual ?? '') ? undefined : { key, value: next, sweep: false })}
        />
      )}
    </Row>
  )
}

type Ids = { input: string; words: string; isWrong: boolean }
type RowProps = {
  name: string
  label: string
  help: string | null
  /** Its default, in words. */
  under: string
  override: ScriptOverride | undefined
  /** Of a group. */
  options: readonly string[] | undefined
  choices: readonly string[] | null
  fault: string | undefined
  /** Taken, but perhaps not meant. */
  doubt?: string | undefined
  canSweep: boolean
  /** What a sweep begins with. */
  first: string
  onSet: (next: ScriptOverride | undefined) => void
  children: (ids: Ids) => ReactNode
}

function Row({
  name,
  label,
  help,
  under,
  override,
  options,
  choices,
  fault,
  doubt,
  canSweep,
  first,
  onSet,
  children,
}: RowProps) {
  const id = useId()
  const ids = { input: `${id}i`, words: `${id}w`, isWrong: fault !== undefined }
  const isSwept = override?.sweep === true
  const sweep = (): void => {
    if (isSwept) onSet(undefined)
    else onSet({ key: label, value: hasTicks(choices) && first !== '' ? joinChoices([first]) : first, sweep: true })
  }
  return (
    <li
      data-argument={label}
      data-changed={override ? '' : undefined}
      className="relative grid gap-x-6 gap-y-1.5 border-t border-line px-4 py-2.5 first:border-t-0 data-changed:bg-accent-soft/40 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)]"
    >
      {override ? <span aria-hidden className="absolute inset-y-0 left-0 w-0.5 bg-accent" /> : null}
      <div className="min-w-0">
        <label
          htmlFor={isSwept && hasTicks(choices) ? undefined : ids.input}
          className="font-mono font-medium wrap-anywhere"
        >
          {name}
        </label>
        {override ? <span className="ml-2 text-12 text-accent">{isSwept ? 'swept' : 'changed'}</span> : null}
        {help === null || help === '' ? null : <p className="wrap-anywhere text-muted">{help}</p>}
        <p className="line-clamp-2 text-12 wrap-anywhere text-muted" title={under}>
          {under}
        </p>
      </div>
      <div className="flex min-w-0 flex-col gap-1">
        <div className="flex min-w-0 items-start gap-1">
          <div className="min-w-0 flex-1">
            {override && isSwept ? (
              <SweepControl ids={ids} override={override} options={options} choices={choices} onSet={onSet} />
            ) : (
              children(ids)
            )}
          </div>
          {canSweep ? (
            <Button
              look="quiet"
              square
              aria-pressed={isSwept}
              aria-label={`Sweep over ${name}`}
              title={isSwept ? 'One value' : 'Several values, one job for each'}
              onClick={sweep}
            >
              <Layers size={14} aria-hidden />
            </Button>
          ) : null}
          <Button
            look="quiet"
            square
            disabled={!override}
            aria-label={`Reset ${name}`}
            title="Back to the default"
            className={override ? '' : 'invisible'}
            onClick={() => onSet(undefined)}
          >
            <RotateCcw size={14} aria-hidden />
          </Button>
        </div>
        {fault === undefined ? null : (
          <p id={ids.words} role="alert" className="text-12 whitespace-pre-line wrap-anywhere text-bad">
            {fault}
          </p>
        )}
        {fault === undefined && doubt !== undefined ? <p className="text-12 wrap-anywhere text-warn">{doubt}</p> : null}
      </div>
    </li>
  )
}

function hasTicks(choices: readonly string[] | null): choices is readonly string[] {
  return choices !== null && choices.length <= ticksMax
}

type SweepProps = Pick<RowProps, 'options' | 'choices' | 'onSet'> & { ids: Ids; override: ScriptOverride }

/** Ticks where there are few choices, else text as Hydra has it. */
function SweepControl({ ids, override, options, choices, onSet }: SweepProps) {
  const text = override.value ?? ''
  const found = readSweep(text, { options, valuesMax: limits.sweepJobsMax })
  const fault = 'message' in found ? found.message : undefined
  if (hasTicks(choices)) {
    const chosen = 'values' in found ? found.values : []
    const isOn = (choice: string): boolean => chosen.includes(joinChoices([choice]))
    return (
      <div
        role="group"
        aria-label={`Values of ${override.key}`}
        className="flex min-h-8 flex-wrap items-center gap-x-4 gap-y-1"
      >
        {choices.map((choice) => (
          <label key={choice} className="flex items-center gap-2 pointer-coarse:min-h-11">
            <input
              type="checkbox"
              className="size-4 accent-(--accent)"
              checked={isOn(choice)}
              onChange={({ target }) => {
                const next = choices.filter((one) => (one === choice ? target.checked : isOn(one)))
                onSet(next.length === 0 ? undefined : { ...override, value: joinChoices(next) })
              }}
            />
            <span className="font-mono text-12">{choice}</span>
          </label>
        ))}
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-1">
      <input
        id={ids.input}
        value={text}
        spellCheck={false}
        autoComplete="off"
        placeholder="1e-3,1e-4 or range(1,5)"
        aria-invalid={fault !== undefined || ids.isWrong ? true : undefined}
        aria-describedby={`${ids.input}s`}
        onChange={({ target }) => onSet({ ...override, value: target.value })}
        className={`${inputClass} font-mono text-12`}
      />
      <p id={`${ids.input}s`} className={`text-12 wrap-anywhere ${fault === undefined ? 'text-muted' : 'text-bad'}`}>
        {fault ?? `${formatCount('values' in found ? found.values.length : 0)} values, written as a,b or range(1,5)`}
      </p>
    </div>
  )
}

type FieldControlProps = {
  field: ScriptField
  override: ScriptOverride | undefined
  ids: Ids
  onSet: (next: ScriptOverride | undefined) => void
}

function FieldControl({ field, override, ids, onSet }: FieldControlProps) {
  const { type, choices, default: usual, form, many, optional } = field
  const text = showValue(field, override)
  const change = (next: string): void => onSet(readValue(field, next))
  const isChoice = (type === 'boolean' || (type === 'choice' && !many)) && !text.includes('${')
  if (isChoice) {
    const all = type === 'boolean' ? ['true', 'false'] : (choices ?? [])
    const extra = text !== '' && !all.includes(text) ? [text] : []
    return (
      <Select
        ids={ids}
        value={text}
        choices={[...all, ...extra]}
        empty={usual === null ? 'not set' : undefined}
        onChange={change}
      />
    )
  }
  const isNumber = type === 'integer' || type === 'number'
  return (
    <input
      id={ids.input}
      value={text}
      spellCheck={false}
      autoComplete="off"
      inputMode={isNumber && form !== 'assign' && !many ? 'decimal' : undefined}
      placeholder={many ? 'values with spaces between' : usual === null && optional ? 'null' : undefined}
      aria-invalid={ids.isWrong ? true : undefined}
      aria-describedby={ids.isWrong ? ids.words : undefined}
      onChange={({ target }) => change(target.value)}
      className={`${inputClass} font-mono text-12`}
    />
  )
}

type SelectProps = {
  ids: Ids
  value: string
  choices: readonly string[]
  /** Name of choosing nothing; absent where that cannot be. */
  empty?: string | undefined
  onChange: (value: string) => void
}

function Select({ ids, value, choices, empty, onChange }: SelectProps) {
  return (
    <select
      id={ids.input}
      value={value}
      aria-invalid={ids.isWrong ? true : undefined}
      aria-describedby={ids.isWrong ? ids.words : undefined}
      onChange={({ target }) => onChange(target.value)}
      className={inputClass}
    >
      {empty === undefined ? null : <option value="">{empty}</option>}
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  )
}

/** What can be told before anybody is asked. */
function findFault(field: ScriptField, override: ScriptOverride | undefined): string | undefined {
  if (!override || override.sweep) return undefined
  const value = override.value ?? ''
  if (field.form === 'assign' || value === '') return undefined
  const found = field.many ? splitWords(value) : { words: [value] }
  if ('message' in found) return found.message
  const wrong = found.words.find((word) => !fitsType(field, word))
  return wrong === undefined ? undefined : `«${wrong}» is no ${field.type === 'integer' ? 'whole number' : 'number'}.`
}

/** Without a declared type Hydra takes any value. */
function findDoubt(field: ScriptField, override: ScriptOverride | undefined): string | undefined {
  const value = override?.value ?? ''
  if (!override || override.sweep || field.form !== 'assign' || value === '' || value.includes('${')) return undefined
  if (value === 'null' || fitsType(field, value)) return undefined
  return `The default is a ${field.type === 'integer' ? 'whole number' : 'number'}, this is none; Hydra takes it all the same.`
}

function fitsType({ type }: ScriptField, word: string): boolean {
  if (type === 'integer') return /^\s*[+-]?\d[\d_]*\s*$/.test(word)
  return type !== 'number' || /^\s*[+-]?((\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(e[+-]?\d+)?|inf(inity)?|nan)\s*$/i.test(word)
}
