import { useState } from 'react'
import type { LogStream } from '@pilothouse/contract'
import { logLevels, logStreams } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import {
  ArrowUpToLine,
  Download,
  Eraser,
  Hash,
  ListFilter,
  Rows3,
  SlidersHorizontal,
  SquareTerminal,
} from 'lucide-react'
import { useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuAction, MenuCheck, MenuChoices, MenuLabel, MenuLine, MenuLink } from '../ui/menu.tsx'
import type { LogTime } from './format-log-time.ts'
import { GoToLineDialog, type LinesQuery, LinesDialog } from './lines-dialog.tsx'
import type { LogView } from './log-feed.ts'
import type { PickedLines } from './picked-lines.ts'
import { isFiltering, type LogFilter } from './log-reader.ts'

/** How lines are shown. */
export type LogLook = {
  time: LogTime
  setTime: (time: LogTime) => void
  /** Long lines are wrapped; otherwise the list scrolls sideways. */
  wraps: boolean
  setWraps: (wraps: boolean) => void
}
export type LogSource = { uid: string; attempt: number }
type FilterProps = { filter: LogFilter; onFilter: (filter: LogFilter) => void }

/** Lucide shows pictures at 24 px; the tools are smaller. */
const iconPx = 14

export function LevelMenu({ view, filter, onFilter }: FilterProps & { view: LogView }) {
  const { levels } = filter
  return (
    <Menu align="start" trigger={<LevelButton filter={filter} />}>
      {logLevels.map((level) => (
        <MenuCheck
          key={level}
          checked={levels.includes(level)}
          onChange={(on) =>
            onFilter({ ...filter, levels: on ? [...levels, level] : levels.filter((one) => one !== level) })
          }
        >
          <span className="flex-1">{level}</span>
          <span className="pl-6 text-faint">{formatCount(view.levels[level] ?? 0)}</span>
        </MenuCheck>
      ))}
      <div className="sm:hidden">
        <MenuLine />
        <StreamChoices filter={filter} onFilter={onFilter} />
      </div>
    </Menu>
  )
}

/** On a phone it stands for the streams, too. */
function LevelButton({ filter, ...rest }: { filter: LogFilter }) {
  const { levels, stream } = filter
  const isOn = levels.length > 0
  return (
    <Button
      look="quiet"
      title="Filter by level"
      {...rest}
      className={
        isOn ? 'bg-accent-soft text-accent' : stream === undefined ? '' : 'max-sm:bg-accent-soft max-sm:text-accent'
      }
    >
      <ListFilter size={iconPx} aria-hidden />
      <span className="max-sm:sr-only">{isOn ? levels.join(', ') : 'all levels'}</span>
    </Button>
  )
}

export function StreamMenu(props: FilterProps) {
  return (
    <Menu align="start" trigger={<StreamButton stream={props.filter.stream} />}>
      <StreamChoices {...props} />
    </Menu>
  )
}

function StreamButton({ stream, ...rest }: { stream: LogStream | undefined }) {
  return (
    <Button
      look="quiet"
      title="Filter by stream"
      {...rest}
      className={`max-sm:hidden ${stream === undefined ? '' : 'bg-accent-soft text-accent'}`}
    >
      <SquareTerminal size={iconPx} aria-hidden />
      {stream ?? 'both streams'}
    </Button>
  )
}

function StreamChoices({ filter, onFilter }: FilterProps) {
  return (
    <MenuChoices
      value={filter.stream ?? 'both'}
      choices={[{ value: 'both', label: 'both streams' }, ...logStreams.map((value) => ({ value, label: value }))]}
      onChange={(value) => onFilter({ ...filter, stream: logStreams.find((stream) => stream === value) })}
    />
  )
}

const times: { value: LogTime; label: string }[] = [
  { value: 'off', label: 'None' },
  { value: 'clock', label: 'Time of day' },
  { value: 'start', label: 'Since the start of the attempt' },
  { value: 'before', label: 'Since the line before' },
]

type LookProps = { look: LogLook; total: number; onGo: (line: number) => void; onClear: () => void }

/** How lines are shown, and where to go. */
export function LookMenu({ look, total, onGo, onClear }: LookProps) {
  const [isGoing, setGoing] = useState(false)
  return (
    <>
      <Menu
        trigger={
          <Button look="quiet" square aria-label="View of the log" title="Times, wrapping, go to a line">
            <SlidersHorizontal size={iconPx} aria-hidden />
          </Button>
        }
      >
        <MenuLabel>Time of each line</MenuLabel>
        <MenuChoices value={look.time} choices={times} onChange={look.setTime} />
        <MenuLine />
        <MenuCheck checked={look.wraps} onChange={look.setWraps}>
          Wrap long lines
        </MenuCheck>
        <MenuLine />
        <MenuAction icon={<ArrowUpToLine size={iconPx} aria-hidden />} onClick={() => onGo(0)}>
          <span className="flex-1">First line</span>
          <kbd className="pl-4 text-12 text-faint">Home</kbd>
        </MenuAction>
        <MenuAction icon={<Hash size={iconPx} aria-hidden />} onClick={() => setGoing(true)}>
          Go to line…
        </MenuAction>
        <MenuAction icon={<Eraser size={iconPx} aria-hidden />} onClick={onClear}>
          Clear the view; the log stays
        </MenuAction>
      </Menu>
      {isGoing ? <GoToLineDialog total={total} onGo={onGo} onClose={() => setGoing(false)} /> : null}
    </>
  )
}

type DownloadProps = {
  source: LogSource
  filter: LogFilter
  text: string
  isRegex: boolean
  total: number
  pickLines: () => PickedLines | undefined
}

export function DownloadMenu({ source, filter, text, isRegex, total, pickLines }: DownloadProps) {
  const { client } = useServices()
  const [picked, setPicked] = useState<PickedLines>()
  const address = (query: LinesQuery = {}): string =>
    client.url('logs.text', {
      params: { uid: source.uid },
      query: { attempt: source.attempt, download: 'true', ...query },
    })
  const kinds: LinesQuery = { level: [...filter.levels], stream: filter.stream }
  const isSearching = text.trim() !== ''
  const icon = <Download size={iconPx} aria-hidden />
  return (
    <>
      <Menu
        trigger={
          <Button look="quiet" square aria-label="Download the log" title="Download the log, or a part of it">
            <Download size={iconPx} aria-hidden />
          </Button>
        }
      >
        <MenuLink icon={icon} href={address()} download>
          Whole log
        </MenuLink>
        {isFiltering(filter) ? (
          <MenuLink icon={icon} href={address(kinds)} download>
            What is shown: {nameFilter(filter)}
          </MenuLink>
        ) : null}
        {isSearching ? (
          <MenuLink icon={icon} href={address({ ...kinds, text, ...(isRegex ? { regex: 'true' } : {}) })} download>
            <span className="max-w-64 truncate">Lines that match «{text}»</span>
          </MenuLink>
        ) : null}
        <MenuAction
          icon={<Rows3 size={iconPx} aria-hidden />}
          onClick={() => setPicked(pickLines() ?? { first: 0, last: Math.max(0, total - 1) })}
        >
          These lines…
        </MenuAction>
      </Menu>
      {picked ? (
        <LinesDialog
          picked={picked}
          total={total}
          filter={isFiltering(filter) ? { name: nameFilter(filter), query: kinds } : undefined}
          address={address}
          onClose={() => setPicked(undefined)}
        />
      ) : null}
    </>
  )
}

function nameFilter({ levels, stream }: LogFilter): string {
  return [...(stream === undefined ? [] : [stream]), ...levels].join(', ')
}
