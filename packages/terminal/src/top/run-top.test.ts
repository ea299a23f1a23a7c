import { expect, it } from 'vitest'
import { runTop } from './run-top.ts'
import { fiveRows, makeRow, noon, TestWorld } from './screen.fixture.ts'

const entered = '\u001B[?1049h'
const left = '\u001B[?1049l'

function begin(world = new TestWorld()): { world: TestWorld; code: Promise<number> } {
  const code = runTop(world.parameters())
  world.source.tell({ type: 'rows', rows: fiveRows, at: noon })
  return { world, code }
}

function expectRestored(world: TestWorld): void {
  expect(world.output.bytes.lastIndexOf(left)).toBeGreaterThan(world.output.bytes.lastIndexOf(entered))
  expect(world.output.bytes).toContain('\u001B[?25h')
  expect(world.input.isRaw).toBe(false)
  expect(world.source.isClosed).toBe(true)
  for (const place of [world.input, world.signals]) expect(place.eventNames()).toEqual([])
}

it.each([
  ['q', 0],
  ['\u0003', 0],
])('the key %j ends it, and the terminal is as before', async (key, expected) => {
  const { world, code } = begin()
  expect(world.input.isRaw).toBe(true)
  world.press(key)
  expect(await code).toBe(expected)
  expectRestored(world)
})

it.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
])('%s ends it, and the terminal is as before', async (signal, expected) => {
  const { world, code } = begin()
  world.signals.emit(signal)
  expect(await code).toBe(expected)
  expectRestored(world)
})

it('an output that is closed ends it without a word', async () => {
  const { world, code } = begin()
  world.output.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  expect(await code).toBe(0)
  world.output.emit('error', new Error('write EPIPE'))
  expect(world.told).toBe('')
})

it('a terminal that hangs up ends it', async () => {
  const { world, code } = begin()
  world.input.emit('end')
  expect(await code).toBe(0)
})

it('a crash inside a view restores the terminal first, then says what happened', async () => {
  const { world, code } = begin()
  const broken = makeRow('1')
  Object.defineProperty(broken, 'health', {
    get: () => {
      throw new Error('the view broke')
    },
  })
  world.source.tell({ type: 'rows', rows: [broken], at: noon })
  expect(await code).toBe(1)
  expectRestored(world)
  expect(world.told).toMatch(/^The screen ended because of an error[\s\S]*the view broke\n\s+at /)
})

it('a crash inside a key handler restores the terminal as well', async () => {
  const { world, code } = begin()
  world.source.refresh = () => {
    throw new Error('the key broke')
  }
  world.press('r')
  expect(await code).toBe(1)
  expectRestored(world)
  expect(world.told).toContain('the key broke')
})

it('what nobody caught restores the terminal as well', async () => {
  const { world, code } = begin()
  world.signals.emit('uncaughtException', new Error('nobody caught it'))
  expect(await code).toBe(1)
  expectRestored(world)
  expect(world.told).toContain('nobody caught it')
})

it('Ctrl-Z gives the terminal back before it stops, and takes it again afterwards', async () => {
  const { world, code } = begin()
  world.press('\u001A')
  expect(world.signals.sent).toEqual(['SIGTSTP'])
  expect(world.output.bytes.endsWith(left)).toBe(true)
  await expect.poll(() => world.output.bytes.split(entered).length).toBe(3)
  expect((await world.read()).join('\n')).toContain('30007012')
  world.press('q')
  expect(await code).toBe(0)
})

it('stopped by a signal it gives the terminal back as well', async () => {
  const { world, code } = begin()
  world.signals.emit('SIGTSTP')
  expect(world.output.bytes.endsWith(left)).toBe(true)
  expect([world.signals.sent, world.input.isRaw]).toEqual([['SIGTSTP'], false])
  await expect.poll(() => world.input.isRaw).toBe(true)
  world.press('q')
  expect(await code).toBe(0)
})

it('after it was stopped from outside and goes on, all is drawn anew', async () => {
  const { world, code } = begin()
  world.output.bytes = ''
  world.signals.emit('SIGCONT')
  expect(world.output.bytes).toContain(entered)
  expect((await world.read())[0]).toContain('pilothouse')
  world.press('q')
  await code
})

it('a storm of resizes ends in one drawing of the last size', async () => {
  const { world, code } = begin()
  const before = world.output.frames
  for (let cols = 10; cols < 210; cols += 1) {
    Object.assign(world.output, { columns: cols, rows: 3 + (cols % 40) })
    world.output.emit('resize')
  }
  Object.assign(world.output, { columns: 40, rows: 15 })
  world.output.emit('resize')
  world.output.bytes = ''
  await expect.poll(() => world.output.bytes).toContain('30007012')
  expect(world.output.frames - before).toBeLessThan(4)
  const lines = await world.read()
  expect(lines.join('\n')).toContain('✗ failed')
  world.press('q')
  await code
})

it('a slow terminal misses frames; none is queued', async () => {
  const { world, code } = begin()
  await expect.poll(() => world.output.bytes).toContain('30007012')
  world.output.isSlow = true
  world.press('j')
  const { frames } = world.output
  world.press('j', 'k', 'j', 'j', 's')
  expect(world.output.frames).toBe(frames)
  world.output.isSlow = false
  world.output.emit('drain')
  expect(world.output.frames).toBe(frames + 1)
  expect((await world.read())[0]).toContain('by id')
  world.press('q')
  await code
})

it('a stop needs a y, and what came of it is said', async () => {
  const { world, code } = begin()
  await expect.poll(() => world.output.bytes).toContain('30007012')
  world.press('x')
  expect((await world.read()).at(-1)).toContain('Stop vision-large (30007012)?')
  world.press('n')
  expect(world.source.asked).toEqual([])
  world.press('x', 'y')
  await expect.poll(async () => (await world.read()).at(-1)).toContain('✓ vast:30007012 is stopped.')
  world.source.fails = new Error('The provider refused: 401.')
  world.press('x', 'y')
  await expect.poll(async () => (await world.read()).at(-1)).toContain('✗ The provider refused: 401.')
  world.press('q')
  await code
})

it('a key pressed in pieces is one key, and a lone escape is one after a moment', async () => {
  const { world, code } = begin()
  await expect.poll(() => world.output.bytes).toContain('30007012')
  world.press('\r')
  expect(world.source.asked).toEqual(['watch vast:30007012'])
  world.press('\u001B')
  await expect.poll(() => world.source.asked.at(-1)).toBe('watch none')
  world.input.emit('data', Buffer.from('\u001B'))
  world.input.emit('data', Buffer.from('[B'))
  world.press('\r')
  expect(world.source.asked.at(-1)).toBe('watch vast:30007267')
  const letter = Buffer.from('日')
  world.press('\u001B')
  await expect.poll(() => world.source.asked.at(-1)).toBe('watch none')
  world.press('/')
  world.input.emit('data', letter.subarray(0, 1))
  world.input.emit('data', letter.subarray(1))
  expect((await world.read()).at(-1)).toContain('filter 日')
  world.press('q', '\u0003')
  await code
})

it('a source that does not close in time does not keep the screen', async () => {
  const { world, code } = begin()
  world.source.close = () => new Promise<void>(() => undefined)
  world.press('q')
  expect(await code).toBe(0)
})
