import { useMemo } from 'react'
import { diffWords } from '../samples/diff-words.ts'
import type { ResultLine } from './result-line.ts'

type AnswerProps = {
  cell: ResultLine | undefined
  /** What differences are marked against. */
  base: ResultLine | undefined
  /** Characters of it that are shown. */
  lengthMax: number
}

/** An answer as text, never as anything else; what is other than in the first is marked by colour and by line. */
export function AnswerText({ cell, base, lengthMax }: AnswerProps) {
  const text = cell?.text.slice(0, lengthMax) ?? ''
  const before = base?.kind === 'answered' ? base.text.slice(0, lengthMax) : undefined
  const isCompared = cell?.kind === 'answered' && before !== undefined && base?.digest !== cell.digest
  const parts = useMemo(
    () => (isCompared ? diffWords(before, text) : [{ kind: 'same' as const, text }]),
    [isCompared, before, text],
  )
  if (!cell) return <span className="text-faint">none</span>
  if (cell.kind === 'failed')
    return (
      <span className="text-bad">
        <span className="font-medium">failed</span> {text}
      </span>
    )
  if (text === '') return <span className="text-faint">empty answer</span>
  return (
    <>
      {parts.map((part, at) => {
        if (part.kind === 'added')
          return (
            <ins key={at} className="rounded-sm bg-good-soft text-good underline decoration-1 underline-offset-2">
              {part.text}
            </ins>
          )
        if (part.kind === 'removed')
          return (
            <del key={at} className="rounded-sm bg-bad-soft text-bad line-through">
              {part.text}
            </del>
          )
        return <span key={at}>{part.text}</span>
      })}
      {cell.text.length > lengthMax ? <span className="text-faint"> …</span> : null}
    </>
  )
}
