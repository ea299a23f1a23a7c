import { expect, it } from 'vitest'
import { drawFrame, layFrame } from './draw-frame.ts'
import { fiveRows, makeFive, makeRow, makeState, noon, options, TestTerminal } from './screen.fixture.ts'
import type { ScreenState } from './screen-state.ts'
import { viewScreen } from './screen-view.ts'
import { chooseTheme } from './theme.ts'
import type { TopDetail } from './top-state.ts'

async function show(state: ScreenState, cols: number, rows: number): Promise<string> {
  const terminal = new TestTerminal(cols, rows)
  const frame = layFrame(viewScreen(state, { cols, rows }, noon), { cols, rows, theme: chooseTheme('dark', {}) })
  await terminal.write(`\u001B[?7l${drawFrame(null, frame)}`)
  const lines = terminal.read()
  terminal.close()
  return `\n${lines.join('\n')}\n`
}

const details: TopDetail = {
  rowId: fiveRows[0]?.id ?? '',
  curves: [
    {
      key: 'loss',
      unit: 'number',
      times: Array.from({ length: 100 }, (_, at) => noon - (100 - at) * 60_000),
      values: Array.from({ length: 100 }, (_, at) => 4 / (1 + at / 20)),
    },
    {
      key: 'gpu use',
      unit: '%',
      times: Array.from({ length: 100 }, (_, at) => noon - (100 - at) * 60_000),
      values: Array.from({ length: 100 }, (_, at) => 60 + 30 * Math.sin(at / 8)),
    },
    { key: 'gpu memory', unit: '%', times: [noon - 1_000, noon], values: [40, 42] },
  ],
  stages: [{ name: 'train', state: 'running', progress: 0.4 }],
  parameters: [{ name: 'lr', value: '1e-4' }],
  checkpoints: [{ name: 'epoch-1.pt', step: 300, at: noon - 600_000, metric: 'loss 2.31' }],
  facts: [{ name: 'region', value: 'Sweden, SE' }],
}

it.each([
  [80, 24],
  [120, 40],
  [40, 15],
])('the table reads well at %i×%i', async (cols, rows) => {
  expect(await show(makeFive(), cols, rows)).toMatchSnapshot()
})

it.each([
  [80, 24],
  [120, 40],
  [40, 15],
])('the details read well at %i×%i', async (cols, rows) => {
  const state = makeFive({ screen: 'detail', watched: details.rowId, details })
  expect(await show(state, cols, rows)).toMatchSnapshot()
})

it('a fact that is a sentence is read whole', async () => {
  const value = 'ssh does not reach it: Connection refused. Its log comes from its provider, once in a minute.'
  const facts = [...details.facts, { name: 'log', value }, { name: 'image', value: 'a/b' }]
  const told = { ...details, curves: [], facts }
  for (const [cols, rows] of [
    [40, 30],
    [80, 24],
    [120, 40],
  ] as const) {
    const screen = await show(makeFive({ screen: 'detail', watched: details.rowId, details: told }), cols, rows)
    expect(screen.split(/\s+/).join(' ')).toContain(value)
  }
})

it('the log fills the screen, and what is searched for is named', async () => {
  const log = { up: 0, across: 0, search: 'step 3' }
  expect(await show(makeFive({ screen: 'log', watched: details.rowId, log }), 80, 15)).toMatchSnapshot()
})

it('help names every key at 80×24', async () => {
  expect(await show(makeFive({ screen: 'help' }), 80, 24)).toMatchSnapshot()
})

it('groups have heads with what their rows come to', async () => {
  expect(await show(makeFive({ grouping: 'group', filter: 'ok' }), 80, 15)).toMatchSnapshot()
})

it('before anything is told, the screen says whom it asks', async () => {
  expect(await show(makeState([]), 40, 15)).toContain('Asking mock: invented machines …')
})

it('an empty list and a filter without a match are told apart', async () => {
  expect(await show(makeState([{ type: 'rows', rows: [], at: noon }]), 80, 24)).toContain('Nothing runs')
  expect(await show(makeFive({ filter: 'zzz' }), 80, 24)).toContain('No match for «zzz». Esc shows all 5.')
})

it('in trouble the last that is known stays, with its age', async () => {
  const state = makeState([
    { type: 'rows', rows: fiveRows, at: noon - 180_000 },
    { type: 'trouble', text: 'The provider does not answer.', at: noon - 170_000 },
  ])
  const screen = await show(state, 80, 24)
  expect(screen).toContain('▲ for 2m: The provider does not answer.')
  expect(screen).toContain('30007012')
})

it('trouble is as old as it is, however often the same rows are told again', async () => {
  const state = makeState([
    {
      type: 'trouble',
      text: 'vast.ai refuses the key (401). Check the key, its rights, and that it lives.',
      at: noon - 600_000,
    },
    { type: 'rows', rows: fiveRows, at: noon },
  ])
  const lines = (await show(state, 40, 24)).split('\n')
  expect(lines.slice(2, 5)).toEqual([
    '▲ for 10m: vast.ai refuses the key',
    '(401). Check the key, its rights, and',
    'that it lives.',
  ])
})

it('a row that is not newer says so in the place of its health', async () => {
  const row = makeRow('1', { trouble: 'It was not listed.', seenAt: noon - 300_000 })
  expect(await show(makeState([{ type: 'rows', rows: [row], at: noon }]), 80, 24)).toContain('◌ 5m old')
})

it('what is old has the colour of a warning, never of what is well', () => {
  const row = makeRow('1', { trouble: 'It was not listed.', seenAt: noon - 300_000 })
  const rows = [makeRow('0'), row]
  for (const screen of ['table', 'detail'] as const) {
    const state = makeState([{ type: 'rows', rows, at: noon }], { screen, watched: 'vast:1' })
    const told = viewScreen(state, { cols: 80, rows: 24 }, noon).flat()
    expect(told.find(({ text }) => text.startsWith('◌'))?.role).toBe('warning')
  }
})

it('a clock that was set back shows no negative age', async () => {
  const row = makeRow('1', { trouble: 'Late.', seenAt: noon + 9_000_000 })
  expect(await show(makeState([{ type: 'rows', rows: [row], at: noon }]), 80, 24)).toContain('◌ 0s old')
})

it('two currencies are never added', async () => {
  const rows = [makeRow('1'), makeRow('2', { currency: 'EUR', cost: 3, costIs: 'charged' })]
  const screen = await show(makeState([{ type: 'rows', rows, at: noon }]), 80, 24)
  expect(screen).toContain('≈$15.23 · $0.467/h')
  expect(screen).toContain('€3.00 · €0.467/h')
})

it('500 machines are shown around the marked one', async () => {
  const rows = Array.from({ length: 500 }, (_, at) => makeRow(String(at + 1000)))
  const state = makeState([{ type: 'rows', rows, at: noon }], { selectedId: 'vast:1300' })
  const screen = await show(state, 80, 24)
  expect(screen).toContain('1300 ')
  expect(screen).toContain('500/500 running')
})

it.each([
  [10, 3],
  [1, 1],
  [3, 2],
  [20, 5],
  [500, 200],
])('every screen stands at %i×%i', (cols, rows) => {
  for (const screen of ['table', 'detail', 'log', 'help'] as const) {
    const state = makeFive({ screen, watched: details.rowId, details })
    expect(viewScreen(state, { cols, rows }, noon).length).toBeLessThanOrEqual(Math.max(rows, 3))
  }
})

it('a question names its target even on the smallest screen', async () => {
  const confirm = { rowId: 'vast:30007012', action: 'stop' as const }
  expect(await show(makeFive({ confirm }), 40, 3)).toContain('Stop vision-large (30007012)?')
})

it.each([
  [40, 15, 'Stop vision-large (30007012)? y yes, any other key no'],
  [20, 5, 'Stop vision-large (30007012)? y yes, any other key no'],
  [10, 3, 'stop 30007012 y/n?'],
])('a question is asked whole at %i×%i, and names its target', async (cols, rows, question) => {
  const confirm = { rowId: 'vast:30007012', action: 'stop' as const }
  for (const screen of ['table', 'detail', 'log'] as const) {
    const state = makeFive({ confirm, screen, watched: details.rowId, details })
    expect((await show(state, cols, rows)).trim().split(/\s+/).join(' ')).toContain(question)
  }
})

it('a message that is long is read whole', async () => {
  const text =
    'The script has not said what it can be told: it needs job.parameter(), job.checkpoints() or job.control().'
  const state = makeFive({ message: { text, level: 'error', at: noon } })
  expect((await show(state, 80, 24)).split(/\s+/).join(' ')).toContain(text)
})

it('what is switched is said on a narrow screen as well', async () => {
  const but = { paused: true, options: { ...options, readOnly: true }, filter: 'o' }
  expect((await show(makeFive(but), 40, 15)).split('\n')[1]).toBe('‖ paused · filter «o» · read-only')
  expect((await show(makeFive(but), 60, 15)).split('\n')[1]).toBe(
    'pilothouse · ‖ paused · filter «o» · read-only      14:03:22',
  )
  expect((await show(makeFive(but), 10, 3)).split('\n')[1]).toBe('‖ paused')
})

it('at 10×3 jobs are known by the beginning of their names, and their signs', async () => {
  const rows = [
    makeRow('1', { kind: 'job', name: '画像モデル-large' }),
    makeRow('2', { kind: 'job', name: 'charlm', isError: true }),
  ]
  expect(await show(makeState([{ type: 'rows', rows, at: noon }]), 10, 3)).toBe(
    '\npilothouse\n画像モ…  ●\ncharlm   ●\n',
  )
})

it('at 10×3 rows are known by their numbers and signs', async () => {
  expect(await show(makeFive(), 10, 3)).toBe('\npilothouse\n30007012 ●\n30007267 ●\n')
})

it('the keys at the foot are those that the marked row can be told', async () => {
  const foot = async (but: Parameters<typeof makeFive>[0]): Promise<string> =>
    (await show(makeFive(but), 200, 24)).trimEnd().split('\n').at(-1) ?? ''
  expect(await foot({})).toMatch(/c clear {2}x stop$/)
  expect(await foot({ selectedId: 'vast:30007269' })).toMatch(/c clear$/)
  expect(await foot({ options: { ...options, readOnly: true } })).toMatch(/c clear$/)
  const can = ['stop', 'checkpoint', 'resume'] as const
  const state = makeState([{ type: 'rows', rows: [makeRow('1', { kind: 'job', can })], at: noon }])
  expect(await foot(state)).toMatch(/x stop {2}C checkpoint {2}P resume it$/)
  expect(await foot({ ...state, screen: 'detail', watched: 'vast:1' })).toMatch(
    /x stop {2}C checkpoint {2}P resume it$/,
  )
})

it('each row that runs has its part of the log, however much another one prints', async () => {
  const line = (id: string, at: number) => ({ rowId: `vast:${id}`, at: noon + at, text: `${id} line ${at}` })
  const state = makeState([
    { type: 'rows', rows: [makeRow('1'), makeRow('2'), makeRow('3', { isActive: false })], at: noon },
    {
      type: 'lines',
      lines: [line('1', 0), ...Array.from({ length: 90 }, (_, at) => line('2', at + 1)), line('3', 95)],
    },
  ])
  const screen = await show(state, 80, 14)
  expect(screen).toContain('1 line 0')
  expect(screen).toContain('2 line 90')
  expect(screen).not.toContain('3 line 95')
  expect(screen.match(/2 line \d+/g)).toEqual([86, 87, 88, 89, 90].map((at) => `2 line ${at}`))
})

it('help can be read on a narrow screen', async () => {
  const screen = await show(makeFive({ screen: 'help' }), 40, 15)
  expect(screen.split('\n').slice(2).join(' ')).not.toContain('…')
  for (const word of ['refresh', 'clear logs', 'checkpoint', 'suspend', 'quit']) expect(screen).toContain(word)
})

it('control sequences in names and logs are harmless', async () => {
  const name = 'a\u001B[2Jb\u001B]0;owned\u0007c\rd'
  const rows = [makeRow('1', { name, state: 'run\u001B[31mning' })]
  const text = 'x\u001B]52;c;b3duZWQ=\u0007y\u0000\u009B2Jz'
  const screen = await show(
    makeState([
      { type: 'rows', rows, at: noon },
      { type: 'lines', lines: [{ rowId: 'vast:1', at: noon, text }] },
    ]),
    120,
    24,
  )
  expect(screen).toContain('abc␍d')
  expect(screen).toContain('xy␀\uFFFD2Jz')
})

it('NO_COLOR leaves no colour, and the marked row is still marked', () => {
  const size = { cols: 80, rows: 24 }
  const frame = layFrame(viewScreen(makeFive(), size, noon), {
    ...size,
    theme: chooseTheme('auto', { NO_COLOR: '1', COLORFGBG: '15;0' }),
  })
  const bytes = drawFrame(null, frame)
  expect(bytes).not.toMatch(/\u001B\[(\d;)?(3|4|9)\dm/)
  expect(bytes).toContain('\u001B[7m')
})

it('a theme that is asked for counts before what the terminal says, and NO_COLOR before all', () => {
  const light = { COLORFGBG: '0;15' }
  expect(chooseTheme('dark', light)).toEqual(chooseTheme('dark', {}))
  expect(chooseTheme('light', {})).toEqual(chooseTheme('auto', light))
  expect(chooseTheme('mono', light).error).toBe('1')
  for (const name of ['auto', 'dark', 'light'] as const)
    expect(chooseTheme(name, { NO_COLOR: '1' })).toEqual(chooseTheme('mono', {}))
  expect(chooseTheme('dark', { NO_COLOR: '' }).error).toBe('1;31')
})

it('a light background has no yellow', () => {
  expect(chooseTheme('auto', { COLORFGBG: '0;15' }).warning).toBe('35')
  expect(chooseTheme('auto', { COLORFGBG: '15;0' }).warning).toBe('33')
})
