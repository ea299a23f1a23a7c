import fc from 'fast-check'
import { expect, it } from 'vitest'
import { drawFrame, type Frame, layFrame } from './draw-frame.ts'
import { type Line, type Role, say } from './styled-line.ts'
import { pressKey } from './press-key.ts'
import { makeFive, noon, TestTerminal } from './screen.fixture.ts'
import { viewScreen } from './screen-view.ts'
import { enterScreen } from './terminal-modes.ts'
import { chooseTheme } from './theme.ts'

const theme = chooseTheme('dark', {})
const pieces = [
  'a',
  'bc ',
  '日本',
  '😀',
  '👩‍👩‍👧',
  'é',
  'ﬀ',
  '🇸🇪',
  '\u001B[2J',
  '●',
  '⣿',
  '한',
  '\u200D',
  '\t',
  'e\u0301',
  '👍🏽',
  'क्षि',
]
const roles: Role[] = ['plain', 'selected', 'error', 'dim']
const segment = fc
  .tuple(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), fc.constantFrom(...roles))
  .map(([texts, role]) => say(texts.join(''), role))
const screen = fc.array(fc.array(segment, { maxLength: 4 }), { maxLength: 6 })
// The terminal that checks it has two columns at least.
const size = fc.record({ cols: fc.integer({ min: 2, max: 30 }), rows: fc.integer({ min: 1, max: 6 }) })

it('a screen drawn by its changes is the screen drawn anew, whatever its characters and sizes', async () => {
  const step = fc.record({ view: screen, resize: fc.option(size, { freq: 3 }) })
  await fc.assert(
    fc.asyncProperty(size, fc.array(step, { minLength: 1, maxLength: 5 }), async (first, steps) => {
      const changed = new TestTerminal(first.cols, first.rows)
      await changed.write(enterScreen)
      let [at, before]: [typeof first, Frame | null] = [first, null]
      for (const { view, resize } of steps) {
        at = resize ?? at
        changed.resize(at.cols, at.rows)
        const frame = layFrame(view, { ...at, theme })
        await changed.write(drawFrame(before, frame))
        before = frame
        expect(changed.read()).toEqual(await drawAnew(frame))
      }
      changed.close()
    }),
    { numRuns: 100 },
  )
})

const keys = fc.array(
  fc.constantFrom('j', 'k', 's', 'S', 'g', '\r', 'l', '?', '/', '日', 'x', 'y', 'p', 'escape', 'pagedown', 'n', 'C'),
  {
    minLength: 1,
    maxLength: 12,
  },
)
const anySize = fc.record({ cols: fc.integer({ min: 2, max: 130 }), rows: fc.integer({ min: 1, max: 40 }) })

it('whatever keys are pressed at whatever size, the screen is the one drawn anew', async () => {
  await fc.assert(
    fc.asyncProperty(anySize, keys, async (at, pressed) => {
      const changed = new TestTerminal(at.cols, at.rows)
      await changed.write(enterScreen)
      let state = makeFive()
      let before: Frame | null = null
      for (const key of pressed) {
        state = pressKey(state, { type: 'key', key: key === '\r' ? 'enter' : key }, { ...at, now: noon }).state
        const frame = layFrame(viewScreen(state, at, noon), { ...at, theme })
        await changed.write(drawFrame(before, frame))
        before = frame
      }
      if (before !== null) expect(changed.read()).toEqual(await drawAnew(before))
      changed.close()
    }),
    { numRuns: 40 },
  )
})

async function drawAnew(frame: Frame): Promise<string[]> {
  const fresh = new TestTerminal(frame.cols, frame.rows)
  await fresh.write(`${enterScreen}${drawFrame(null, frame)}`)
  const lines = fresh.read()
  fresh.close()
  return lines
}

it('a wide character that is cut at the edge becomes a space', async () => {
  expect(await drawAnew(lay([[say('abc日')]], 4))).toEqual(['abc'])
  expect(await drawAnew(lay([[say('ab日')]], 4))).toEqual(['ab日'])
})

it('the last column keeps its character', async () => {
  expect(await drawAnew(lay([[say('abcd')]], 4))).toEqual(['abcd'])
})

it('what comes behind a character of disputed width stands in its own column', async () => {
  // This terminal takes one cell for an emoji where others take two.
  expect((await drawAnew(lay([[say('😀'), say('|x')]], 6)))[0]?.indexOf('|')).toBeGreaterThan(0)
  expect(lay([[say('😀|')]], 6).lines[0]).toContain('😀\u001B[3G|')
})

it('nothing is written where nothing changed, and one line where one did', () => {
  const before = lay([[say('one')], [say('two')]], 10)
  expect(drawFrame(before, lay([[say('one')], [say('two')]], 10))).toBe('')
  const bytes = drawFrame(before, lay([[say('one')], [say('2')]], 10))
  expect(bytes).toBe('\u001B[?2026h\u001B[2;1H2\u001B[K\u001B[?2026l')
})

function lay(view: readonly Line[], cols: number): Frame {
  return layFrame(view, { cols, rows: view.length, theme })
}
