import { useId, useState, type DragEvent } from 'react'
import type { FileObject } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'
import { FileUp, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'

type DropProps = {
  onFile: (file: File) => void
  /** The file that is on its way. */
  sending: { file: File; sentBytes: number; onStop: () => void } | undefined
  fault: string | undefined
}

/** Takes a file that is dropped or chosen, and shows how far it is. */
export function FileDrop({ onFile, sending, fault }: DropProps) {
  const [isOver, setOver] = useState(false)
  const id = useId()
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) onFile(file)
  }
  if (sending) return <Sending {...sending} />
  return (
    <div className="flex flex-col gap-1">
      <label
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={`flex cursor-pointer flex-col items-center gap-1 rounded-lg border border-dashed px-4 py-8 text-center transition-colors hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${isOver ? 'border-accent bg-accent-soft' : 'border-line-strong'}`}
      >
        <FileUp size={20} aria-hidden className="text-faint" />
        <span className="font-medium">Drop a JSONL file here, or choose one</span>
        <span className="text-12 text-muted">A request a line. It is looked through before anything is sent.</span>
        <input
          type="file"
          accept=".jsonl,.ndjson,.json,.txt"
          aria-label="File of requests"
          aria-describedby={fault === undefined ? undefined : id}
          className="sr-only"
          onChange={({ target }) => {
            const file = target.files?.[0]
            // The same one can be chosen again after it was changed.
            target.value = ''
            if (file) onFile(file)
          }}
        />
      </label>
      {fault === undefined ? null : (
        <p id={id} role="alert" className="wrap-anywhere text-bad">
          {fault}
        </p>
      )}
    </div>
  )
}

function Sending({ file, sentBytes, onStop }: NonNullable<DropProps['sending']>) {
  const share = file.size === 0 ? 1 : sentBytes / file.size
  const isSent = sentBytes >= file.size
  return (
    <div className="flex flex-col gap-2 rounded-lg border border-line px-4 py-4">
      <div className="flex items-center gap-3">
        <span className="min-w-0 flex-1 truncate font-medium" title={file.name}>
          {file.name}
        </span>
        <span className="shrink-0 text-12 text-muted">
          {isSent ? 'being stored' : `${formatBytes(sentBytes)} of ${formatBytes(file.size)}`}
        </span>
        <Button look="quiet" square aria-label="Stop sending" title="Stop" onClick={onStop}>
          <X size={14} aria-hidden />
        </Button>
      </div>
      <div
        role="progressbar"
        aria-label={`Sending ${file.name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(share * 100)}
        className="h-1.5 overflow-hidden rounded-full bg-line"
      >
        <div className="h-full bg-accent" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  )
}

/** The file that was chosen. */
export function ChosenFile({ file, onDrop }: { file: FileObject; onDrop: () => void }) {
  return (
    <div className="flex items-center gap-3 rounded-lg border border-line px-4 py-3">
      <FileUp size={16} aria-hidden className="shrink-0 text-faint" />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" title={file.filename}>
          {file.filename}
        </p>
        <p className="text-12 text-muted">{formatBytes(file.bytes)}</p>
      </div>
      <Button onClick={onDrop}>Another file</Button>
    </div>
  )
}
