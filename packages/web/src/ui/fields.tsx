/** Fields of forms, all of one height and look. */
import { useId, type ReactNode } from 'react'

const fieldClass =
  'h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 aria-invalid:border-bad pointer-coarse:h-11 pointer-coarse:text-16'

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className="flex min-w-0 flex-1 flex-col gap-1">
      <span className="text-12 text-muted">{label}</span>
      {children}
    </label>
  )
}

type TextProps = {
  label: string
  hint?: string
  /** What is wrong with the value, instead of the hint. */
  fault?: string | undefined
  value: string
  onChange: (value: string) => void
  placeholder?: string
  mono?: boolean
  type?: 'text' | 'url' | 'password'
  autoFocus?: boolean
  /** To choose from while one writes. */
  suggestions?: readonly string[]
}

export function TextField({
  label,
  hint,
  fault,
  value,
  onChange,
  placeholder,
  mono = false,
  type = 'text',
  autoFocus = false,
  suggestions = [],
}: TextProps) {
  const hintId = useId()
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1">
      <Labelled label={label}>
        <input
          type={type}
          autoFocus={autoFocus}
          value={value}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          list={suggestions.length === 0 ? undefined : `${hintId}-list`}
          aria-invalid={fault === undefined ? undefined : true}
          aria-describedby={(fault ?? hint) === undefined ? undefined : hintId}
          onChange={(event) => onChange(event.target.value)}
          className={`${fieldClass} ${mono ? 'font-mono text-12' : ''}`}
        />
      </Labelled>
      {suggestions.length === 0 ? null : (
        <datalist id={`${hintId}-list`}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {fault === undefined ? null : (
        <span id={hintId} role="alert" className="text-12 wrap-anywhere text-bad">
          {fault}
        </span>
      )}
      {hint === undefined || fault !== undefined ? null : (
        <span id={hintId} className="text-12 text-faint">
          {hint}
        </span>
      )}
    </div>
  )
}

type NumberProps = { label: string; value: number; onChange: (value: number) => void; min?: number; unit?: string }

/** What is no number is kept as NaN, so that the form can say so. */
export function NumberField({ label, value, onChange, min, unit }: NumberProps) {
  return (
    <Labelled label={unit === undefined ? label : `${label}, ${unit}`}>
      <input
        type="number"
        step="any"
        min={min}
        value={Number.isNaN(value) ? '' : value}
        onChange={(event) => onChange(event.target.valueAsNumber)}
        className={fieldClass}
      />
    </Labelled>
  )
}

/** A day as `2026-01-31`; empty for none. */
export function DateField({ label, value, onChange }: Pick<TextProps, 'label' | 'value' | 'onChange'>) {
  return (
    <Labelled label={label}>
      <input type="date" value={value} onChange={(event) => onChange(event.target.value)} className={fieldClass} />
    </Labelled>
  )
}

type ChoiceProps<Value extends string> = {
  label: string
  value: Value
  choices: readonly (readonly [Value, string])[]
  onChange: (value: Value) => void
}

export function ChoiceField<Value extends string>({ label, value, choices, onChange }: ChoiceProps<Value>) {
  return (
    <Labelled label={label}>
      <select
        value={value}
        onChange={(event) => {
          const chosen = choices.find(([one]) => one === event.target.value)
          if (chosen) onChange(chosen[0])
        }}
        className={fieldClass}
      >
        {choices.map(([one, name]) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

type ChecksProps<Value extends string | number> = {
  label: string
  values: readonly Value[]
  choices: readonly (readonly [Value, string])[]
  onChange: (values: Value[]) => void
  empty?: ReactNode
}

/** Any number of several. */
export function CheckList<Value extends string | number>({
  label,
  values,
  choices,
  onChange,
  empty,
}: ChecksProps<Value>) {
  const id = useId()
  return (
    <div role="group" aria-labelledby={id} className="flex flex-col gap-1">
      <span id={id} className="text-12 text-muted">
        {label}
      </span>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {choices.map(([one, name]) => (
          <CheckField
            key={one}
            label={name}
            isOn={values.includes(one)}
            onChange={(isOn) => onChange(isOn ? [...values, one] : values.filter((value) => value !== one))}
          />
        ))}
        {choices.length === 0 ? empty : null}
      </div>
    </div>
  )
}

export function CheckField({
  label,
  isOn,
  onChange,
}: {
  label: string
  isOn: boolean
  onChange: (isOn: boolean) => void
}) {
  return (
    <label className="touchable flex items-center gap-2">
      <input
        type="checkbox"
        checked={isOn}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4 accent-(--accent)"
      />
      {label}
    </label>
  )
}
