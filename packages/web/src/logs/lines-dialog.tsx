import { useId, useState, type ReactNode } from 'react'
import type { LogTextQuery } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { Button, buttonClass } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import type { PickedLines } from './picked-lines.ts'

export type LinesQuery = Pick<LogTextQuery, 'from' | 'count' | 'level' | 'stream' | 'text' | 'regex'>

type LinesProps = {
  picked: PickedLines
  total: number
  /** What the view is narrowed to, if it is. */
  filter: { name: string; query: LinesQuery } | undefined
  address: (query: LinesQuery) => string
  onClose: () => void
}

/** A range of lines to be downloaded; people count from 1, both ends are in it. */
export function LinesDialog({ picked, total, filter, address, onClose }: LinesProps) {
  const [first, setFirst] = useState(String(picked.first + 1))
  const [last, setLast] = useState(String(picked.last + 1))
  const [isNarrowed, setNarrowed] = useState(filter !== undefined)
  const [from, to] = [readNumber(first), readNumber(last)]
  const problem = findProblem({ from, to, total })
  const query = { from: from - 1, count: to - from + 1, ...(isNarrowed ? filter?.query : {}) }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Download lines"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {problem === undefined ? (
            <a href={address(query)} download className={buttonClass('primary')} onClick={onClose}>
              Download {isNarrowed ? '' : `${formatCount(to - from + 1)} ${to === from ? 'line' : 'lines'}`}
            </a>
          ) : (
            <Button look="primary" disabled>
              Download
            </Button>
          )}
        </>
      }
    >
      <div className="flex items-end gap-3">
        <NumberField label="From line" text={first} onText={setFirst} />
        <NumberField label="To line" text={last} onText={setLast} />
      </div>
      {filter ? (
        <label className="mt-3 flex items-center gap-2 pointer-coarse:min-h-11">
          <input type="checkbox" checked={isNarrowed} onChange={(event) => setNarrowed(event.target.checked)} />
          Of them only what is shown: {filter.name}
        </label>
      ) : null}
      <p className={`mt-3 text-12 ${problem === undefined ? 'text-muted' : 'text-bad'}`} role="status">
        {problem ?? `The log has ${formatCount(total)} ${total === 1 ? 'line' : 'lines'}.`}
      </p>
    </Dialog>
  )
}

export function GoToLineDialog({
  total,
  onGo,
  onClose,
}: {
  total: number
  onGo: (line: number) => void
  onClose: () => void
}) {
  const [text, setText] = useState('')
  const formId = useId()
  const line = readNumber(text)
  const isLine = line >= 1 && line <= total
  return (
    <Dialog
      open
      onClose={onClose}
      title="Go to line"
      actions={
        <Button look="primary" type="submit" form={formId} disabled={!isLine}>
          Go
        </Button>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault()
          if (!isLine) return
          onGo(line - 1)
          onClose()
        }}
      >
        <NumberField label={`Line, 1 to ${formatCount(total)}`} text={text} onText={setText} />
      </form>
    </Dialog>
  )
}

type FieldProps = { label: ReactNode; text: string; onText: (text: string) => void }

function NumberField({ label, text, onText }: FieldProps) {
  return (
    <label className="flex min-w-0 flex-1 flex-col gap-1 text-12 text-muted">
      {label}
      <input
        inputMode="numeric"
        value={text}
        onFocus={(event) => event.target.select()}
        onChange={(event) => onText(event.target.value)}
        className="h-8 w-full rounded-md border border-line-strong bg-surface px-2 text-13 text-text pointer-coarse:h-11 pointer-coarse:text-16"
      />
    </label>
  )
}

function readNumber(text: string): number {
  const digits = text.replaceAll(/[\s,.\u202f]/g, '')
  return /^\d{1,12}$/.test(digits) ? Number(digits) : Number.NaN
}

function findProblem({ from, to, total }: { from: number; to: number; total: number }): string | undefined {
  if (Number.isNaN(from) || Number.isNaN(to) || from < 1) return 'Lines are whole numbers from 1 on.'
  if (from > to) return 'The first line comes after the last one.'
  return from > total ? `The log has ${formatCount(total)} lines only.` : undefined
}
