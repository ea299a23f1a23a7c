import type { ReactNode } from 'react'
import type { LogLevel } from '@pilothouse/contract'
import { logLevels } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { ChevronDown, ChevronUp, Download, Eraser, ListFilter, Regex } from 'lucide-react'
import { Button, buttonClass } from '../ui/button.tsx'
import { Menu, MenuCheck } from '../ui/menu.tsx'
import { SearchField } from '../ui/search-field.tsx'
import type { LogView } from './log-feed.ts'
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
  levels: readonly LogLevel[]
  onLevels: (levels: readonly LogLevel[]) => void
  onClear: () => void
  downloadUrl: string
  /** Folded: the newest line stands for the panel. */
  isOpen: boolean
  /** Title and button that fold the panel, in front. */
  children?: ReactNode
}

export function LogToolbar({
  view,
  text,
  onText,
  isRegex,
  onRegex,
  matches,
  onStep,
  levels,
  onLevels,
  onClear,
  downloadUrl,
  isOpen,
  children,
}: LogToolbarProps) {
  const errors = view.levels.error ?? 0
  const onlyErrors = levels.length === 1 && levels[0] === 'error'
  return (
    <div
      className={`flex h-10 shrink-0 items-center gap-1.5 px-2 pointer-coarse:h-12 sm:pr-4 ${children ? 'sm:pl-3.5' : 'sm:pl-6'}`}
    >
      {children}
      {isOpen ? (
        <>
          <SearchBox {...{ text, onText, isRegex, onRegex, onStep, matches }} />
          <LevelMenu view={view} levels={levels} onLevels={onLevels} />
        </>
      ) : null}
      <Button
        look="quiet"
        aria-pressed={onlyErrors}
        className={`${errors > 0 ? 'text-bad' : 'text-faint'} ${isOpen ? 'max-sm:hidden' : ''}`}
        disabled={errors === 0 || !isOpen}
        onClick={() => onLevels(onlyErrors ? [] : ['error'])}
      >
        errors {formatCount(errors)}
      </Button>
      {isOpen ? null : (
        <span className="min-w-0 flex-1 truncate font-mono text-12 text-faint">{readPlainText(newestLine(view))}</span>
      )}
      <span className="ml-auto shrink-0 pl-2 text-12 text-faint max-md:hidden">{formatCount(view.total)} lines</span>
      {isOpen ? (
        <>
          <Button
            look="quiet"
            square
            aria-label="Clear the view"
            title="Clear the view; the log itself stays"
            onClick={onClear}
          >
            <Eraser size={14} aria-hidden />
          </Button>
          <a
            href={downloadUrl}
            download
            className={buttonClass('quiet', true)}
            aria-label="Download the log"
            title="Download the log"
          >
            <Download size={14} aria-hidden />
          </a>
        </>
      ) : null}
    </div>
  )
}

function newestLine({ open, lines }: LogView): string {
  return open ?? lines.at(-1)?.text ?? ''
}

function LevelMenu({ view, levels, onLevels }: Pick<LogToolbarProps, 'view' | 'levels' | 'onLevels'>) {
  return (
    <Menu align="start" trigger={<LevelButton levels={levels} />}>
      {logLevels.map((level) => (
        <MenuCheck
          key={level}
          checked={levels.includes(level)}
          onChange={(on) => onLevels(on ? [...levels, level] : levels.filter((one) => one !== level))}
        >
          <span className="flex-1">{level}</span>
          <span className="pl-6 text-faint">{formatCount(view.levels[level] ?? 0)}</span>
        </MenuCheck>
      ))}
    </Menu>
  )
}

function LevelButton({ levels, ...rest }: { levels: readonly LogLevel[] }) {
  return (
    <Button
      look="quiet"
      title="Filter by level"
      {...rest}
      className={levels.length > 0 ? 'bg-accent-soft text-accent' : ''}
    >
      <ListFilter size={14} aria-hidden />
      <span className="max-sm:sr-only">{levels.length === 0 ? 'all levels' : levels.join(', ')}</span>
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
