import { useId, useState, type ReactNode } from 'react'
import { limits } from '@pilothouse/contract/wire'
import { Button } from '../ui/button.tsx'
import { NoteText } from './note-text.tsx'

export type NoteComposerProps = {
  label: string
  /** What stands there at first. */
  text?: string
  send: string
  isSending: boolean
  error: Error | null
  focus?: boolean
  onSend: (text: string) => void
  onCancel?: () => void
}

/** Markdown, written or looked at. ⌘Enter or Ctrl+Enter sends. */
export function NoteComposer(props: NoteComposerProps) {
  const { label, text: first = '', send, isSending, error, focus = false, onSend, onCancel } = props
  const [text, setText] = useState(first)
  const [isPreview, setPreview] = useState(false)
  const id = useId()
  const isEmpty = text.trim() === ''
  const submit = (): void => {
    if (!isEmpty && !isSending) onSend(text)
  }
  return (
    <form
      className="flex flex-col rounded-lg border border-line bg-surface focus-within:border-line-strong"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      {isPreview ? (
        <div className="min-h-24 px-3 py-2">
          <NoteText text={text} />
        </div>
      ) : (
        <textarea
          id={id}
          ref={(place) => {
            if (focus) place?.focus()
          }}
          value={text}
          rows={4}
          maxLength={limits.noteLengthMax}
          placeholder="What is there to know? Markdown works."
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit()
            if (event.key === 'Escape' && onCancel && text === first) onCancel()
          }}
          className="min-h-24 resize-y rounded-t-lg bg-transparent px-3 py-2 text-13 outline-none max-sm:text-16"
        />
      )}
      <div className="flex flex-wrap items-center gap-2 border-t border-line px-2 py-1.5">
        <Button look="quiet" aria-pressed={isPreview} disabled={isEmpty} onClick={() => setPreview(!isPreview)}>
          Preview
        </Button>
        <Problem error={error} />
        <span className="ml-auto" />
        {onCancel ? (
          <Button look="quiet" onClick={onCancel}>
            Cancel
          </Button>
        ) : null}
        <Button look="primary" type="submit" disabled={isEmpty || isSending}>
          {send}
        </Button>
      </div>
    </form>
  )
}

function Problem({ error }: { error: Error | null }): ReactNode {
  if (!error) return null
  return (
    <span role="alert" className="min-w-0 text-bad wrap-anywhere">
      {error.message}
    </span>
  )
}
