import { type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import { useBlocker } from '@tanstack/react-router'
import type { ClusterFault, ClustersText } from '@pilothouse/contract'
import { Plus } from 'lucide-react'
import { useServerNow, useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { addEntry } from './add-entry.ts'
import { AddEntryForm } from './add-entry-form.tsx'
import { FileConflict } from './file-conflict.tsx'
import { starterText } from './starter-text.ts'
import { type EditorHandle, TextEditor } from './text-editor.tsx'
import { useClustersText, useSetText, useTextCheck } from './use-clusters-text.ts'

const title = 'clusters.yaml'

/** The text of `clusters.yaml`, to be changed by those who may. */
export function FileSheet({ onClose }: { onClose: () => void }) {
  const mayChange = useSession().permissions.includes('clusters:manage')
  return mayChange ? (
    <Loaded onClose={onClose} />
  ) : (
    <Sheet open wide onClose={onClose} title={title}>
      <Notice title="You may not change clusters">
        <p>It takes the permission clusters:manage. An admin of this server has it, and can give you that role.</p>
      </Notice>
    </Sheet>
  )
}

function Loaded({ onClose }: { onClose: () => void }) {
  const { data, error, refetch } = useClustersText()
  if (data) return <FileEditor found={data} onClose={onClose} />
  return (
    <Sheet open wide onClose={onClose} title={title}>
      {error ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <div
          className="waits m-4 h-64 rounded-md bg-hover sm:m-6"
          aria-busy="true"
          aria-label="The file is on its way"
        />
      )}
    </Sheet>
  )
}

/** As a field of text has it: browsers know one end of a line. */
function toField(text: string | null): string {
  return (text ?? '').replaceAll('\r\n', '\n')
}

/** With the ends of lines that the file had. */
function toFile(text: string, like: string | null): string {
  return like?.includes('\r\n') === true ? text.replaceAll('\n', '\r\n') : text
}

function FileEditor({ found, onClose }: { found: ClustersText; onClose: () => void }) {
  /** What the text was made from. */
  const [base, setBase] = useState(found)
  const [text, setText] = useState(() => toField(found.text))
  const [isAdding, setAdding] = useState(false)
  const editor = useRef<EditorHandle>(null)
  const faultsId = useId()
  const set = useSetText()
  const isDirty = text !== toField(base.text)
  const isOther = found.revision !== base.revision
  if (isOther && !set.isPending && (!isDirty || text === toField(found.text))) {
    setBase(found)
    setText(toField(found.text))
  }
  const check = useTextCheck(isDirty ? toFile(text, base.text) : null)
  const { faults, names } = (isDirty ? check.data : undefined) ?? base
  const leaving = useBlocker({ shouldBlockFn: () => isDirty, enableBeforeUnload: isDirty, withResolver: true })
  const mayChange = found.obstacle === null
  const save = (seen: string | null): void => {
    const [first] = check.isCurrent ? faults : []
    if (first) editor.current?.jumpTo(first.line, first.column)
    else if (isDirty && mayChange && !set.isPending)
      set.mutate({ text: toFile(text, base.text), seen }, { onSuccess: setBase })
  }
  useSaveKey(() => save(base.revision))
  const add = (entry: Parameters<typeof addEntry>[1]): string | undefined => {
    const next = addEntry(text, entry)
    if (next === undefined) return `«${entry.list}» is written in brackets: add it there by hand.`
    editor.current?.replace(next)
    editor.current?.jumpTo(next.split('\n').findIndex((line, at) => line !== text.split('\n')[at]) + 1, 1)
    setAdding(false)
    return undefined
  }
  const isHidden = found.text === null && found.obstacle !== null && !isDirty
  return (
    <Sheet
      open
      wide
      onClose={leaving.status === 'blocked' ? leaving.reset : onClose}
      title={title}
      footer={
        leaving.status === 'blocked' ? (
          <Question onStay={leaving.reset} onLeave={leaving.proceed} />
        ) : (
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p role="status" className="mr-auto min-w-0 wrap-anywhere text-muted">
              {isHidden ? null : describeState({ isDirty, isSaved: set.isSuccess, faults, names, base })}
            </p>
            <Button onClick={onClose}>Close</Button>
            <Button
              look="primary"
              title="Save (Ctrl S)"
              disabled={!isDirty || !mayChange || set.isPending || faults.length > 0 || isOther}
              onClick={() => save(base.revision)}
            >
              Save
            </Button>
          </div>
        )
      }
    >
      {isHidden ? (
        <Notice title="It cannot be changed from here">
          <p className="wrap-anywhere">{found.obstacle}</p>
          <p className="font-mono text-12 wrap-anywhere">{found.path}</p>
        </Notice>
      ) : (
        <div className="flex min-h-full flex-col gap-3 px-4 py-4 sm:px-6">
          <Head found={found} onAdd={mayChange && !isAdding ? () => setAdding(true) : undefined}>
            {mayChange && found.before !== null && found.before.text !== found.text ? (
              <Before before={found.before} onBack={(before) => editor.current?.replace(toField(before))} />
            ) : null}
          </Head>
          {found.obstacle === null ? null : (
            <p role="alert" className="rounded-md bg-warn-soft px-3 py-2 wrap-anywhere text-warn">
              {found.obstacle}
            </p>
          )}
          {isOther && isDirty && !set.isPending && mayChange ? (
            <FileConflict
              base={toField(base.text)}
              theirs={found.text === null ? null : toField(found.text)}
              onOverwrite={() => save(found.revision)}
              onTake={() => {
                editor.current?.replace(toField(found.text))
                setBase(found)
              }}
            />
          ) : null}
          {isAdding ? <AddEntryForm taken={names} onAdd={add} onClose={() => setAdding(false)} /> : null}
          {text === '' && mayChange ? (
            <p className="flex flex-wrap items-center gap-x-3 gap-y-2 text-muted">
              {found.revision === null ? 'There is no file yet: it is made when you save.' : 'The file is empty.'}
              <Button onClick={() => editor.current?.replace(starterText)}>Begin with a template</Button>
            </p>
          ) : null}
          <TextEditor
            ref={editor}
            label={title}
            value={text}
            onChange={(next) => {
              setText(next)
              if (set.isError) set.reset()
            }}
            faults={faults}
            describedBy={faultsId}
            isReadOnly={!mayChange}
          />
          <div id={faultsId} className="empty:hidden">
            <Faults faults={faults} onJump={({ line, column }) => editor.current?.jumpTo(line, column)} />
            {isDirty && check.error ? <Alert>The text could not be checked: {check.error.message}</Alert> : null}
            {set.error && !isOther ? <Alert>It was not saved. {set.error.message}</Alert> : null}
          </div>
        </div>
      )}
    </Sheet>
  )
}

/** Ctrl S and ⌘S, wherever the focus is; never the dialog of the browser. */
function useSaveKey(save: () => void): void {
  const onSave = useEffectEvent(save)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      onSave()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

type HeadProps = { found: ClustersText; onAdd: (() => void) | undefined; children: ReactNode }

function Head({ found, onAdd, children }: HeadProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
      <p className="mr-auto min-w-0 font-mono text-12 wrap-anywhere text-muted">{found.path}</p>
      {children}
      {onAdd ? (
        <Button onClick={onAdd}>
          <Plus size={14} aria-hidden /> Add a cluster
        </Button>
      ) : null}
    </div>
  )
}

type BeforeProps = { before: NonNullable<ClustersText['before']>; onBack: (text: string) => void }

function Before({ before: { text, at }, onBack }: BeforeProps) {
  const now = useServerNow(60_000)
  return (
    <Button look="quiet" onClick={() => onBack(text)}>
      <span>
        Put back the text of before <TimeAgo at={at} now={now} />
      </span>
    </Button>
  )
}

function Faults({ faults, onJump }: { faults: readonly ClusterFault[]; onJump: (fault: ClusterFault) => void }) {
  if (faults.length === 0) return null
  return (
    <ul aria-label="Mistakes" className="flex max-h-40 flex-col overflow-y-auto rounded-md bg-bad-soft py-1 text-bad">
      {faults.map((fault) => (
        <li key={`${fault.line}:${fault.column}:${fault.message}`}>
          <button
            type="button"
            className="w-full px-3 py-1 text-left wrap-anywhere -outline-offset-2 hover:underline"
            onClick={() => onJump(fault)}
          >
            <span className="mr-1 font-mono text-12">line {fault.line}</span> {fault.message}
          </button>
        </li>
      ))}
    </ul>
  )
}

function Alert({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="mt-2 rounded-md bg-bad-soft px-3 py-2 wrap-anywhere text-bad">
      {children}
    </p>
  )
}

function Question({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  return (
    <div
      role="alertdialog"
      aria-label="Changes are not saved"
      className="flex flex-wrap items-center justify-end gap-2"
    >
      <p className="mr-auto max-sm:w-full">What you have changed is not saved.</p>
      <Button look="danger" onClick={onLeave}>
        Discard it
      </Button>
      <Button autoFocus look="primary" onClick={onStay}>
        Keep editing
      </Button>
    </div>
  )
}

type State = {
  isDirty: boolean
  isSaved: boolean
  faults: readonly ClusterFault[]
  names: readonly string[]
  base: ClustersText
}

/** What stands between the text and the file. */
function describeState({ isDirty, isSaved, faults, names, base }: State): string {
  if (faults.length > 0) return faults.length === 1 ? '1 mistake' : `${faults.length} mistakes`
  if (!isDirty) return isSaved ? 'Saved. The control room goes by it from now on.' : ''
  const added = names.filter((name) => !base.names.includes(name))
  const gone = base.names.filter((name) => !names.includes(name))
  const parts = [
    ...(added.length > 0 ? [`adds ${added.join(', ')}`] : []),
    ...(gone.length > 0 ? [`removes ${gone.join(', ')}`] : []),
  ]
  return parts.length === 0 ? 'Not saved yet.' : `Not saved yet: ${parts.join('; ')}.`
}
