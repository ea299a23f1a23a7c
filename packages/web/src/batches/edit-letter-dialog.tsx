import { useState } from 'react'
import type { DeadLetter } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { Button } from '../ui/button.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { checkBody, spreadBody } from './check-body.ts'
import { failureWords } from './batch-words.ts'
import { useBatchChanges } from './use-batches.ts'

type EditProps = { id: string; letter: DeadLetter; onClose: () => void; onSent: (childId: string) => void }

/** Changes what was asked, and sends it again in a batch of its own. */
export function EditLetterDialog({ id, letter, onClose, onSent }: EditProps) {
  const [text, setText] = useState(() => spreadBody(letter.body ?? ''))
  const { retry } = useBatchChanges()
  const fault = checkBody(text, limits.deadLetterBodyMax)
  const send = (): void =>
    retry.mutate(
      { id, lines: [letter.line], edits: [{ line: letter.line, body: JSON.stringify(JSON.parse(text)) }] },
      { onSuccess: (child) => onSent(child.id) },
    )
  return (
    <Sheet
      open
      onClose={onClose}
      title={`Edit ${letter.customId}`}
      footer={
        <div className="flex items-center justify-end gap-2">
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button look="primary" disabled={fault !== undefined || retry.isPending} onClick={send}>
            {retry.isPending ? 'Sending …' : 'Send again'}
          </Button>
        </div>
      }
    >
      <div className="flex h-full flex-col gap-3 px-4 py-4 sm:px-6">
        <p className="rounded-md bg-bad-soft px-2.5 py-1.5 wrap-anywhere text-bad">
          {failureWords[letter.code].name}: {letter.message}
        </p>
        <label className="flex min-h-64 flex-1 flex-col gap-1">
          <span className="text-12 text-muted">Body of the request, JSON</span>
          <textarea
            value={text}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={fault !== undefined}
            aria-describedby="body-fault"
            onChange={({ target }) => setText(target.value)}
            className="min-h-0 flex-1 resize-none rounded-md border border-line-strong bg-surface px-2 py-1.5 font-mono text-12 leading-5 aria-invalid:border-bad pointer-coarse:text-16"
          />
        </label>
        <p id="body-fault" role="status" className={`text-12 wrap-anywhere ${fault ? 'text-bad' : 'text-muted'}`}>
          {fault ?? 'It is sent in a batch of its own; this one stays as it is.'}
        </p>
      </div>
    </Sheet>
  )
}
