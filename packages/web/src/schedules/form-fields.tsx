/** Fields of the form of a schedule, each with what is wrong in it. */
import { useId } from 'react'

const fieldClass =
  'h-8 min-w-0 w-full rounded-md border border-line-strong bg-surface px-2 pointer-coarse:h-11 pointer-coarse:text-16 aria-invalid:border-bad'

type EntryProps = {
  label: string
  value: string
  onChange: (value: string) => void
  fault: string | undefined
  placeholder?: string
  type?: 'text' | 'datetime-local'
}

/** A number as people write it, or a day and a time. */
export function Entry({ label, value, onChange, fault, placeholder, type = 'text' }: EntryProps) {
  const faultId = useId()
  return (
    <div className="flex min-w-0 flex-1 basis-32 flex-col gap-1">
      <label className="flex min-w-0 flex-col gap-1">
        <span className="text-12 text-muted">{label}</span>
        <input
          type={type}
          {...(type === 'text' ? { inputMode: 'decimal' as const } : {})}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={value}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : faultId}
          onChange={({ target }) => onChange(target.value)}
          className={`${fieldClass} ${type === 'text' ? 'font-mono text-12' : ''}`}
        />
      </label>
      <Fault id={faultId} words={fault} />
    </div>
  )
}

type PickProps<Value extends string> = {
  label: string
  value: Value
  choices: readonly (readonly [Value, string])[]
  onChange: (value: Value) => void
  fault?: string | undefined
}

export function Pick<Value extends string>({ label, value, choices, onChange, fault }: PickProps<Value>) {
  const faultId = useId()
  return (
    <div className="flex min-w-0 flex-1 basis-32 flex-col gap-1">
      <label className="flex min-w-0 flex-col gap-1">
        <span className="text-12 text-muted">{label}</span>
        <select
          value={value}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : faultId}
          onChange={({ target }) => {
            const chosen = choices.find(([one]) => one === target.value)
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
      </label>
      <Fault id={faultId} words={fault} />
    </div>
  )
}

function Fault({ id, words }: { id: string; words: string | undefined }) {
  return words === undefined ? null : (
    <p id={id} role="alert" className="text-12 wrap-anywhere text-bad">
      {words}
    </p>
  )
}
