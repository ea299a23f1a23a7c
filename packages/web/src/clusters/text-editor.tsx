import { type KeyboardEvent, type Ref, useImperativeHandle, useMemo, useRef } from 'react'
import type { ClusterFault } from '@pilothouse/contract'

export type EditorHandle = {
  /** Puts the cursor there, and the line in sight. Both count from 1. */
  jumpTo(line: number, column: number): void
  /** Replaces all of the text, in a way that the keys for undo take back. */
  replace(text: string): void
}

type EditorProps = {
  label: string
  value: string
  onChange: (value: string) => void
  faults: readonly ClusterFault[]
  /** Id of what tells the faults. */
  describedBy: string
  isReadOnly: boolean
  ref: Ref<EditorHandle>
}

/** Text as it stands in a file: lines have numbers, those with faults are marked. Lines end with «\n». */
export function TextEditor({ label, value, onChange, faults, describedBy, isReadOnly, ref }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const numbers = useRef<HTMLDivElement>(null)
  const marks = useRef<HTMLDivElement>(null)
  const count = useMemo(() => value.split('\n').length, [value])
  const wrong = new Set(faults.map(({ line }) => line))
  useImperativeHandle(ref, () => ({
    jumpTo: (line, column) => (area.current ? jump(area.current, line, column) : undefined),
    replace: (text) => {
      area.current?.focus()
      area.current?.select()
      insert(text)
      area.current?.setSelectionRange(0, 0)
    },
  }))
  const follow = (): void => {
    const moved = `translateY(${-(area.current?.scrollTop ?? 0)}px)`
    for (const { current } of [numbers, marks]) if (current) current.style.transform = moved
  }
  return (
    <div className="flex flex-[1_0_16rem] overflow-hidden rounded-md border border-line-strong bg-surface font-mono text-12 leading-5 focus-within:outline-2 focus-within:outline-(--accent) pointer-coarse:text-16 pointer-coarse:leading-6">
      <div
        aria-hidden
        className="shrink-0 overflow-hidden border-r border-line bg-sunken text-right text-muted select-none"
      >
        <div ref={numbers} className="py-2">
          {Array.from({ length: count }, (_, at) => (
            <div key={at} className={`px-2 ${wrong.has(at + 1) ? 'bg-bad-soft font-medium text-bad' : ''}`}>
              {at + 1}
            </div>
          ))}
        </div>
      </div>
      <div className="relative min-w-0 flex-1 overflow-hidden">
        <div ref={marks} aria-hidden className="absolute inset-x-0 top-2">
          {[...wrong].map((line) => (
            <div
              key={line}
              className="absolute inset-x-0 h-[1lh] bg-bad-soft"
              style={{ top: `calc(${line - 1} * 1lh)` }}
            />
          ))}
        </div>
        <textarea
          ref={area}
          aria-label={label}
          aria-invalid={faults.length > 0 ? true : undefined}
          aria-describedby={describedBy}
          value={value}
          readOnly={isReadOnly}
          wrap="off"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          onChange={(event) => onChange(event.target.value)}
          onScroll={follow}
          onKeyDown={indent}
          className="absolute inset-0 size-full resize-none bg-transparent px-3 py-2 whitespace-pre outline-none"
        />
      </div>
    </div>
  )
}

/** In place of what is selected. No other way is known to the undo of browsers. */
function insert(text: string): void {
  document.execCommand(text === '' ? 'delete' : 'insertText', false, text)
}

/** A new line begins below the one before; in a list, below the key of its item. */
function indent(event: KeyboardEvent<HTMLTextAreaElement>): void {
  const { key, ctrlKey, metaKey, altKey, shiftKey, nativeEvent, currentTarget } = event
  if (key !== 'Enter' || ctrlKey || metaKey || altKey || shiftKey || nativeEvent.isComposing) return
  if (currentTarget.readOnly) return
  const before = currentTarget.value.slice(0, currentTarget.selectionStart)
  const [, spaces = '', dash = ''] = /^( *)(- +(?=\S))?/.exec(before.slice(before.lastIndexOf('\n') + 1)) ?? []
  event.preventDefault()
  insert(`\n${spaces}${' '.repeat(dash.length)}`)
}

function jump(area: HTMLTextAreaElement, line: number, column: number): void {
  const lines = area.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  const length = lines[line - 1]?.length ?? 0
  area.focus()
  area.setSelectionRange(start + Math.min(column - 1, length), start + length)
  const height = Number.parseFloat(getComputedStyle(area).lineHeight)
  area.scrollTop = Math.max(0, (line - 1) * height - area.clientHeight / 2)
}
