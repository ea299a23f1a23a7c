import { expect, it } from 'vitest'
import { applyUpdate, logLinesMax, panelLinesMax } from './apply-update.ts'
import { arrangeRows } from './arrange-rows.ts'
import { decodeKeys } from './decode-keys.ts'
import { type Effect, pressKey } from './press-key.ts'
import { fiveRows, makeFive, makeRow, makeState, noon, options } from './screen.fixture.ts'
import type { ScreenState } from './screen-state.ts'
import type { TopUpdate } from './top-state.ts'

const around = { cols: 80, rows: 24, now: noon }

/** Presses all keys in these bytes. */
function press(state: ScreenState, bytes: string): { state: ScreenState; effects: Effect[] } {
  const effects: Effect[] = []
  let now = state
  for (const event of decodeKeys('', bytes).events) {
    const outcome = pressKey(now, event, around)
    effects.push(...outcome.effects)
    now = outcome.state
  }
  return { state: now, effects }
}

function listShown(state: ScreenState): string[] {
  return arrangeRows(state).map((entry) => (entry.type === 'head' ? `[${entry.name}]` : entry.row.shortId))
}

it('j, k, Home and End move within the rows', () => {
  expect(press(makeFive(), 'jj').state.selectedId).toBe('vast:30007268')
  expect(press(makeFive(), 'jjkkkk').state.selectedId).toBe('vast:30007012')
  expect(press(makeFive(), '\u001B[F').state.selectedId).toBe('vast:30007270')
})

it('a filter acts while it is typed, Enter keeps it, Esc shows all', () => {
  const typed = press(makeFive(), '/speech').state
  expect(listShown(typed)).toEqual(['30007267'])
  expect(typed.selectedId).toBe('vast:30007267')
  expect(press(typed, '\r').state).toMatchObject({ filter: 'speech', typing: null })
  expect(pressKey(typed, { type: 'key', key: 'escape' }, around).state.filter).toBe('')
})

it('while somebody types, letters are no commands, and a paste is text in one line', () => {
  const { state, effects } = press(makeFive(), '/qx\u001B[200~ab\nq\u001B[201~')
  expect(effects).toEqual([])
  expect(state.filter).toBe('qxab')
})

it('a paste outside does nothing', () => {
  expect(press(makeFive(), '\u001B[200~qxy\u001B[201~')).toEqual({ state: makeFive(), effects: [] })
})

it('s sorts by the next column, S reverses; what nobody said stands last', () => {
  const byLoss = makeFive({ sort: { key: 'loss', reverse: false } })
  expect(listShown(byLoss).slice(0, 3)).toEqual(['30007012', '30007269', '30007267'])
  expect(press(makeFive(), 'ss').state.sort).toEqual({ key: 'name', reverse: false })
  expect(press(makeFive(), 'S').state.sort).toEqual({ key: 'source', reverse: true })
})

it('groups of the configuration catch rows by patterns, the first that fits', () => {
  const groups = [
    { name: 'big', match: ['*-large'] },
    { name: 'all vast', match: ['vast'] },
  ]
  const state = makeFive({ grouping: 'configured', options: { ...options, groups } })
  expect(listShown(state).slice(0, 4)).toEqual(['[all vast]', '30007267', '30007268', '30007269'])
  expect(press(makeFive(), 'gggg').state.grouping).toBe('none')
  expect(press(makeFive({ options: { ...options, groups } }), 'gggg').state.grouping).toBe('configured')
})

it('a pause holds news back until it ends', () => {
  const paused = press(makeFive(), 'p').state
  const later = applyUpdate(paused, { type: 'rows', rows: [makeRow('9')], at: noon + 1 })
  expect(later.rows).toEqual(fiveRows)
  expect(press(later, 'p').state.rows).toHaveLength(1)
})

it('an action asks, and is refused where it is not offered or not allowed', () => {
  expect(press(makeFive(), 'x').state.confirm).toEqual({ rowId: 'vast:30007012', action: 'stop' })
  expect(press(makeFive(), 'xy').effects).toEqual([{ type: 'act', rowId: 'vast:30007012', action: 'stop' }])
  expect(press(makeFive(), 'xY').effects).toEqual([])
  expect(press(makeFive(), 'C').state.message?.text).toBe('vision-large (30007012) offers no checkpoint here.')
  const readOnly = makeFive({ options: { ...options, readOnly: true } })
  expect(press(readOnly, 'xy').effects).toEqual([])
  expect(press(readOnly, 'x').state.message?.text).toContain('Read-only')
})

it('P pauses what runs and resumes what is paused', () => {
  const rows = [makeRow('1', { can: ['resume'] }), makeRow('2', { can: ['pause'] })]
  const state = makeState([{ type: 'rows', rows, at: noon }])
  expect(press(state, 'P').state.confirm?.action).toBe('resume')
  expect(press(state, 'jP').state.confirm?.action).toBe('pause')
})

it('the log follows until somebody scrolls, and a search goes to older lines', () => {
  const many = Array.from({ length: 200 }, (_, at) => ({ rowId: 'vast:30007012', at, text: `line ${at}` }))
  const open = press(makeFive(), 'cl').state
  const log = applyUpdate(open, { type: 'lines', lines: many })
  expect(press(log, 'k').state.log.up).toBe(1)
  expect(press(log, 'kkf').state.log.up).toBe(0)
  expect(press(log, '/line 15\r').state.log.up).toBe(199 - 159)
  expect(press(log, '/line 15\rn').state.log.up).toBe(199 - 158)
  expect(press(log, '/line 15\rnN').state.log.up).toBe(199 - 159)
  expect(press(log, '/nowhere\r').state.message).toBeNull()
  expect(press(log, '/nowhere\rn').state.message?.text).toContain('No older line')
})

it('a log that was scrolled stays where it is while lines are added', () => {
  const line = (at: number) => ({ rowId: 'vast:30007012', at, text: `line ${at}` })
  const open = press(makeFive(), 'cl').state
  const log = applyUpdate(open, { type: 'lines', lines: Array.from({ length: 100 }, (_, at) => line(at)) })
  const more: TopUpdate = { type: 'lines', lines: [line(100), line(101)] }
  expect(applyUpdate(press(log, 'kkk').state, more).log.up).toBe(5)
  expect(applyUpdate(log, more).log.up).toBe(0)
})

it('lines are bounded, told twice they are kept once, and a line of megabytes is cut', () => {
  const line = (at: number, text = `line ${at}`) => ({ rowId: 'vast:30007012', at, text })
  const told: TopUpdate = { type: 'lines', lines: Array.from({ length: 9_000 }, (_, at) => line(at)) }
  const watched = applyUpdate(makeFive({ watched: 'vast:30007012', lines: new Map() }), told)
  expect(watched.lines.get('vast:30007012')).toHaveLength(logLinesMax)
  const again = applyUpdate(watched, { type: 'lines', lines: [line(8_999), line(9_000, 'x'.repeat(5_000_000))] })
  expect(
    again.lines
      .get('vast:30007012')
      ?.slice(-2)
      .map(({ text }) => text.length),
  ).toEqual([9, 1_000])
  const rows = Array.from({ length: 500 }, (_, at) => makeRow(String(at)))
  const wide = rows.reduce(
    (state, { id }) =>
      applyUpdate(state, {
        type: 'lines',
        lines: Array.from({ length: 50 }, (_, at) => ({ rowId: id, at, text: 'x' })),
      }),
    makeState([{ type: 'rows', rows, at: noon }]),
  )
  expect(wide.lines.get('vast:499')).toHaveLength(panelLinesMax)
})

it('after a week of updates the screen knows no more than after a day', () => {
  let state = makeState([])
  const tellDay = (day: number): number => {
    for (let round = 0; round < 17_280; round += 1) {
      const at = noon + day * 86_400_000 + round * 5_000
      const lines = fiveRows.map(({ id }) => ({ rowId: id, at, text: `Step ${String(at).slice(-9)}: Loss = 1.000` }))
      state = applyUpdate(applyUpdate(state, { type: 'rows', rows: fiveRows, at }), { type: 'lines', lines })
      if (round % 720 === 0) state = applyUpdate(state, { type: 'event', at, level: 'info', text: 'An epoch is over.' })
    }
    return JSON.stringify([state, [...state.lines]]).length
  }
  const [first = 0, ...others] = [0, 1, 2, 3, 4, 5, 6].map(tellDay)
  for (const bytes of others) expect(bytes / first).toBeCloseTo(1, 2)
})

it('a machine that vanishes takes its lines along, and the mark moves; when it returns it is listed again', () => {
  const gone = applyUpdate(makeFive(), { type: 'rows', rows: fiveRows.slice(1), at: noon })
  expect(gone.lines.has('vast:30007012')).toBe(false)
  expect(gone.selectedId).toBe('vast:30007267')
  expect(applyUpdate(gone, { type: 'rows', rows: fiveRows, at: noon }).rows).toHaveLength(5)
})

it('trouble is as old as its beginning', () => {
  const first = applyUpdate(makeFive(), { type: 'trouble', text: 'a', at: 1 })
  expect(applyUpdate(first, { type: 'trouble', text: 'b', at: 2 }).trouble).toEqual({ text: 'b', since: 1 })
  expect(applyUpdate(first, { type: 'trouble', text: null, at: 3 }).trouble).toBeNull()
})

it.each<[string, Partial<ScreenState>, Effect[]]>([
  ['q', {}, [{ type: 'quit' }]],
  ['\u0003', {}, [{ type: 'quit' }]],
  ['r', {}, [{ type: 'refresh' }]],
  ['p', { paused: true }, []],
  ['c', { lines: new Map() }, []],
  ['?', { screen: 'help' }, []],
  ['/', { typing: { into: 'filter', text: '' } }, []],
  ['s', { sort: { key: 'id', reverse: false } }, []],
  ['S', { sort: { key: 'source', reverse: true } }, []],
  ['g', { grouping: 'group' }, []],
  ['j', { selectedId: 'vast:30007267' }, []],
  ['\u001B[B', { selectedId: 'vast:30007267' }, []],
  ['jjk', { selectedId: 'vast:30007267' }, []],
  ['jj\u001B[A', { selectedId: 'vast:30007267' }, []],
  ['\r', { screen: 'detail', watched: 'vast:30007012' }, [{ type: 'watch', rowId: 'vast:30007012' }]],
  ['l', { screen: 'log', watched: 'vast:30007012' }, [{ type: 'watch', rowId: 'vast:30007012' }]],
  ['\rl', { screen: 'log', watched: 'vast:30007012' }, [{ type: 'watch', rowId: 'vast:30007012' }]],
  ['x', { confirm: { rowId: 'vast:30007012', action: 'stop' } }, []],
  ['\u000C', {}, [{ type: 'redraw' }]],
  ['\u001A', {}, [{ type: 'suspend' }]],
])('the key %j does what help says, and nothing else', (keys, but, effects) => {
  const outcome = press(makeFive(), keys)
  expect(outcome.effects).toEqual(effects)
  expect({ ...outcome.state, screenBefore: 'table' }).toEqual({ ...makeFive(), ...but })
})

it('help shows over every screen, and any key leaves it', () => {
  expect(press(makeFive({ screen: 'log', watched: 'vast:30007012' }), '?j').state.screen).toBe('log')
})
