import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { findChangedLines } from './find-changed-lines.ts'

type ConflictProps = {
  /** What the changed text was made from. */
  base: string
  /** Null: the file is gone. */
  theirs: string | null
  onOverwrite: () => void
  onTake: () => void
}

/** Somebody has written the file while it was changed here. */
export function FileConflict({ base, theirs, onOverwrite, onTake }: ConflictProps) {
  const [isShown, setShown] = useState(false)
  return (
    <div role="alert" className="flex flex-col gap-2 rounded-md bg-warn-soft px-3 py-2">
      <p>
        <span className="font-medium text-warn">
          {theirs === null ? 'clusters.yaml is not there any more.' : 'clusters.yaml has been changed since you began.'}
        </span>{' '}
        {theirs === null ? 'Saving makes it anew.' : 'Look at what it is now, then decide which is to stay.'}
      </p>
      {theirs !== null && isShown ? <Theirs base={base} theirs={theirs} /> : null}
      <div className="flex flex-wrap gap-2">
        {theirs === null ? null : (
          <>
            <Button aria-expanded={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? 'Hide theirs' : 'Show theirs'}
            </Button>
            <Button onClick={onTake}>Take theirs</Button>
          </>
        )}
        <Button onClick={onOverwrite}>{theirs === null ? 'Make it with mine' : 'Overwrite with mine'}</Button>
      </div>
    </div>
  )
}

/** Lines before and behind what has changed, to see where it is. */
const around = 3

function Theirs({ base, theirs }: { base: string; theirs: string }) {
  const { from, until } = findChangedLines(base, theirs)
  const first = Math.max(0, from - around)
  const lines = theirs
    .replace(/\n$/, '')
    .split('\n')
    .slice(first, until + around)
  return (
    <pre
      tabIndex={0}
      aria-label="What has changed there"
      className="max-h-60 overflow-auto rounded-md border border-line bg-surface py-2 font-mono text-12 leading-5 -outline-offset-2"
    >
      {lines.map((line, place) => {
        const at = first + place
        const isNew = at >= from && at < until
        return (
          <div key={at} className={`flex min-w-max gap-3 pr-3 ${isNew ? 'bg-accent-soft' : ''}`}>
            <span className="w-10 text-right text-muted select-none">
              {isNew ? '+ ' : ''}
              {at + 1}
            </span>
            {line}
          </div>
        )
      })}
    </pre>
  )
}
