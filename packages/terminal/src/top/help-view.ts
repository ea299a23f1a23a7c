import { fitText } from './cell-text.ts'
import { viewFoot, viewHeader } from './frame-view.ts'
import type { ScreenState } from './screen-state.ts'
import { type Line, say } from './styled-line.ts'

type Size = { cols: number; rows: number }

const entries: readonly [string, string][] = [
  ['↑ ↓  k j', 'move'],
  ['PgUp PgDn', 'a page up, down'],
  ['Home End', 'first, last'],
  ['Enter', 'details of the row'],
  ['l', 'log of the row; f follows, / searches'],
  ['/', 'filter rows by words; Esc clears'],
  ['s  S', 'sort by the next column; reverse'],
  ['g', 'group: project, target, owner, yours'],
  ['p', 'pause: what is shown stays'],
  ['r', 'refresh now'],
  ['c', 'clear the logs shown here'],
  ['x', 'stop it (asks first)'],
  ['C', 'write a checkpoint (asks first)'],
  ['P', 'pause or resume it (asks first)'],
  ['Ctrl-L', 'draw the screen anew'],
  ['Ctrl-Z', 'into the background; fg brings it back'],
  ['q  Ctrl-C', 'quit'],
]
/** The same for a screen that is too narrow for it. */
const shortEntries: readonly [string, string][] = [
  ['↑↓ kj', 'move'],
  ['PgUp/Dn', 'a page'],
  ['Home End', 'ends'],
  ['Enter', 'details'],
  ['l', 'log'],
  ['/', 'filter'],
  ['s S', 'sort, turn'],
  ['g', 'group'],
  ['p', 'hold still'],
  ['r', 'refresh'],
  ['c', 'clear logs'],
  ['x', 'stop'],
  ['C', 'checkpoint'],
  ['P', 'pause it'],
  ['Ctrl-L', 'redraw'],
  ['Ctrl-Z', 'suspend'],
  ['q', 'quit'],
]
const legend = '● well  ○ nothing to say  ▲ look at it  ✗ failed  ◌ not newer than it says  ≈ estimate, not billed yet'
const keyWidth = 10
const shortKeyWidth = 8
/** A meaning takes so many cells; in fewer it is told in short. */
const meaningMin = 28
const twoColumns = 90

/** All keys, and what the signs mean. In two columns on a wide screen. */
export function viewHelpScreen(state: ScreenState, { cols, rows }: Size, now: number): Line[] {
  const header = viewHeader(state, cols, now).slice(0, 1)
  const across = cols >= twoColumns || entries.length + 4 > rows ? 2 : 1
  const half = Math.ceil(entries.length / across)
  const width = Math.floor(cols / across)
  const isShort = width < keyWidth + 1 + meaningMin
  const told = isShort ? shortEntries : entries
  const lines = Array.from({ length: half }, (_, at): Line =>
    Array.from({ length: across }, (_unused, column) => told[at + column * half]).flatMap((entry) =>
      entry === undefined ? [] : viewEntry(entry, width, isShort ? shortKeyWidth : keyWidth),
    ),
  )
  const room = Math.max(0, rows - 2)
  const airy: Line[] = [[], ...lines, [], ...wrapLegend(cols)]
  const body = airy.length > room ? airy.filter((line) => line.length > 0) : airy
  const space = Array.from({ length: Math.max(0, room - body.length) }, (): Line => [])
  return [...header, ...body.slice(0, room), ...space, viewFoot(state, [['any key', 'back']], { cols, now })]
}

function viewEntry([key, meaning]: [string, string], width: number, keyCells: number): Line {
  const keys = Math.min(keyCells, Math.floor(width / 2))
  return [say(fitText(key, keys), 'bold'), say(' '), say(fitText(meaning, Math.max(0, width - keys - 1)))]
}

/** A sign and its meaning are not torn apart. */
function wrapLegend(cols: number): Line[] {
  const lines: string[] = []
  for (const part of legend.split('  ')) {
    const last = lines.at(-1)
    const longer = last === undefined ? part : `${last}  ${part}`
    if (last === undefined || longer.length > cols) lines.push(part)
    else lines[lines.length - 1] = longer
  }
  return lines.map((line) => [say(line, 'dim')])
}
