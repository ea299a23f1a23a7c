import type { ReactNode } from 'react'
import { formatCount } from '@pilothouse/signals'
import { ChevronDown, ChevronUp, Regex } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { SearchField } from '../ui/search-field.tsx'
import type { LogView } from './log-feed.ts'
import type { PickedLines } from './picked-lines.ts'
import { DownloadMenu, LevelMenu, type LogLook, type LogSource, LookMenu, StreamMenu } from './log-menus.tsx'
import type { LogFilter } from './log-reader.ts'
import { readPlainText } from './parse-ansi.ts'
import type { LogMatches } from './use-log-search.ts'

export type LogToolbarProps = {
  view: LogView
  text: string
  onText: (text: string) => void
  isRegex: boolean
  onRegex: (on: boolean) => void
  matches: LogMatches
  onStep: (by: 1 | -1) => void
  filter: LogFilter
  onFilter: (filter: LogFilter) => void
  look: LogLook
  onClear: () => void
  /** Goes to a line by its number. */
  onGo: (line: number) => void
  source: LogSource
  /** Lines to begin with when a range is asked for. */
  pickLines: () => PickedLines | undefined
  /** Folded: the newest line stands for the panel. */
  isOpen: boolean
  /** Title and button that fold the panel, in front. */
  children?: ReactNode
}

export function LogToolbar({ view, filter, onFilter, isOpen, children, ...rest }: LogToolbarProps) {
  const { text, onText, isRegex, onRegex, onStep, matches, look, onClear, onGo, source, pickLines } = rest
  return (
    <div
      className={`flex h-10 shrink-0 items-center gap-1.5 px-2 pointer-coarse:h-12 sm:pr-4 ${children ? 'sm:pl-3.5' : 'sm:pl-6'}`}
    >
      {children}
      {isOpen ? (
        <>
          <SearchBox {...{ text, onText, isRegex, onRegex, onStep, matches }} />
          <LevelMenu view={view} filter={filter} onFilter={onFilter} />
          <StreamMenu filter={filter} onFilter={onFilter} />
        </>
      ) : null}
      <ErrorsButton {...{ view, filter, onFilter, isOpen }} />
      {isOpen ? null : (
        <span className="min-w-0 flex-1 truncate font-mono text-12 text-faint">{readPlainText(newestLine(view))}</span>
      )}
      <span className="ml-auto shrink-0 pl-2 text-12 text-faint max-md:hidden">{formatCount(view.total)} lines</span>
      {isOpen ? (
        <>
          <LookMenu look={look} total={view.total} onGo={onGo} onClear={onClear} />
          <DownloadMenu {...{ source, filter, text, isRegex, pickLines }} total={view.total} />
        </>
      ) : null}
    </div>
  )
}

function newestLine({ open, lines }: LogView): string {
  return open ?? lines.at(-1)?.text ?? ''
}

/** How many errors there are; shows them and nothing else, and all again. */
function ErrorsButton({
  view,
  filter,
  onFilter,
  isOpen,
}: Pick<LogToolbarProps, 'view' | 'filter' | 'onFilter' | 'isOpen'>) {
  const errors = view.levels.error ?? 0
  const { levels } = filter
  const onlyErrors = levels.length === 1 && levels[0] === 'error'
  return (
    <Button
      look="quiet"
      aria-pressed={onlyErrors}
      className={`${errors > 0 ? 'text-bad' : 'text-faint'} ${isOpen ? 'max-sm:hidden' : ''}`}
      disabled={errors === 0 || !isOpen}
      onClick={() => onFilter({ ...filter, levels: onlyErrors ? [] : ['error'] })}
    >
      errors {formatCount(errors)}
    </Button>
  )
}

type SearchProps = Pick<LogToolbarProps, 'text' | 'onText' | 'isRegex' | 'onRegex' | 'onStep' | 'matches'>

function SearchBox({ text, onText, isRegex, onRegex, onStep, matches }: SearchProps) {
  const isOn = text.trim() !== ''
  return (
    <SearchField
      label="Search the log"
      text={text}
      onText={onText}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
        if (event.key === 'Escape') onText('')
      }}
      className="flex min-w-36 shrink items-center sm:w-72"
      endClass={isOn ? 'pr-42' : 'pr-2'}
    >
      {isOn ? (
        <div className="absolute right-0 flex items-center">
          <span
            role="status"
            title={matches.problem ?? undefined}
            className={`pr-1 text-12 ${matches.problem === null ? 'text-faint' : 'text-bad'}`}
          >
            {describeMatches(matches)}
          </span>
          <Button
            look="quiet"
            square
            aria-pressed={isRegex}
            aria-label="Regular expression"
            title="Regular expression"
            onClick={() => onRegex(!isRegex)}
          >
            <Regex size={14} aria-hidden />
          </Button>
          <Button
            look="quiet"
            square
            aria-label="Previous match"
            disabled={matches.lines.length === 0}
            onClick={() => onStep(-1)}
          >
            <ChevronUp size={14} aria-hidden />
          </Button>
          <Button
            look="quiet"
            square
            aria-label="Next match"
            disabled={matches.lines.length === 0}
            onClick={() => onStep(1)}
          >
            <ChevronDown size={14} aria-hidden />
          </Button>
        </div>
      ) : null}
    </SearchField>
  )
}

function describeMatches({ lines, at, isCut, isSearching, problem }: LogMatches): string {
  if (problem !== null) return 'cannot search'
  if (lines.length === 0) return isSearching ? 'searching' : 'none'
  return `${at + 1}/${formatCount(lines.length)}${isCut ? '+' : ''}`
}
