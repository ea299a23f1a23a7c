import type { CodeFacts, Project } from '@pilothouse/contract'
import { describeDirt } from '@pilothouse/signals'
import { CircleDot } from 'lucide-react'
import { ProgressBar } from '../ui/progress-bar.tsx'

/** Says that files differ from the commit; nothing where none does. */
export function DirtSign({ code }: { code: CodeFacts }) {
  const dirt = describeDirt(code)
  if (dirt === null) return null
  return (
    <span className="flex shrink-0 items-center gap-1 text-12 text-warn" title={dirt}>
      <CircleDot size={12} aria-hidden />
      {code.changed > 0 ? 'changed' : 'unknown files'}
    </span>
  )
}

/** How far fetching is. */
export function SyncBar({ sync: { words, fraction } }: { sync: NonNullable<Project['sync']> }) {
  const share = fraction === null ? '' : ` ${Math.floor(fraction * 100)} %`
  return (
    <div className="flex flex-col gap-1">
      <p className="text-12 text-muted">{`${words}${share}`}</p>
      <ProgressBar fraction={fraction} state="running" label="Fetching the code" className="h-1" />
    </div>
  )
}
