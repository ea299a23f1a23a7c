import { useId, type ReactNode } from 'react'
import type { DraftField, LaunchDraft } from './launch-draft.ts'

export type FieldsProps = {
  draft: LaunchDraft
  onChange: (part: Partial<LaunchDraft>) => void
  /** What is wrong with a field. */
  tell: (field: DraftField) => string | undefined
}

export function FieldSection({ title, children }: { title: string; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="rounded-lg border border-line bg-surface">
      <h2 id={id} className="h-10 border-b border-line px-4 leading-10 font-medium">
        {title}
      </h2>
      <div className="flex flex-col gap-3 px-4 py-3">{children}</div>
    </section>
  )
}

type AreaProps = {
  label: string
  value: string
  rows: number
  placeholder?: string
  hint?: string
  fault: string | undefined
  onChange: (value: string) => void
}

/** Several lines of text as machines read them. */
export function AreaField({ label, value, rows, placeholder, hint, fault, onChange }: AreaProps) {
  const id = useId()
  const said = fault ?? hint
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={`${id}-text`} className="text-12 text-muted">
        {label}
      </label>
      <textarea
        id={`${id}-text`}
        value={value}
        rows={rows}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={said === undefined ? undefined : id}
        onChange={(event) => onChange(event.target.value)}
        className="min-w-0 resize-y rounded-md border border-line-strong bg-surface px-2 py-1.5 font-mono text-12 aria-invalid:border-bad pointer-coarse:text-16"
      />
      {said === undefined ? null : (
        <span
          id={id}
          role={fault === undefined ? undefined : 'alert'}
          className={`text-12 wrap-anywhere ${fault === undefined ? 'text-faint' : 'text-bad'}`}
        >
          {said}
        </span>
      )}
    </div>
  )
}

/** A choice of the browser with a fault below it. */
export function Fault({ words }: { words: string | undefined }) {
  return words === undefined ? null : (
    <p role="alert" className="text-12 wrap-anywhere text-bad">
      {words}
    </p>
  )
}
