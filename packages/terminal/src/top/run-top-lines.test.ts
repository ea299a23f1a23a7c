import { expect, it } from 'vitest'
import { runTop } from './run-top.ts'
import { makeRow, noon, TestWorld } from './screen.fixture.ts'

function begin(): { world: TestWorld; code: Promise<number> } {
  const world = new TestWorld()
  world.output.isTTY = false
  world.at = Date.UTC(2026, 2, 1, 14, 3, 22)
  return { world, code: runTop(world.parameters()) }
}

it('one line tells each change, and nothing tells that nothing changed', async () => {
  const { world, code } = begin()
  const row = makeRow('1')
  world.source.tell({ type: 'rows', rows: [row], at: noon })
  world.source.tell({ type: 'rows', rows: [{ ...row, step: 401, loss: 2.3, gpuUse: 80 }], at: noon })
  world.source.tell({ type: 'rows', rows: [{ ...row, epoch: 2 }], at: noon })
  world.source.tell({ type: 'event', at: noon, level: 'warning', text: 'machine-1 is\u001B[2J idle' })
  world.source.tell({ type: 'rows', rows: [], at: noon })
  expect(world.output.bytes.split('\n')).toEqual([
    '2026-03-01T14:03:22Z machine-1 (1): running, ok, RTX 4090, epoch 1/3, 40%, loss 2.345, GPU 85%, cost ≈$15.23, $0.467/h, ETA 45m',
    '2026-03-01T14:03:22Z machine-1 (1): running, ok, RTX 4090, epoch 2/3, 40%, loss 2.345, GPU 85%, cost ≈$15.23, $0.467/h, ETA 45m',
    '2026-03-01T14:03:22Z warning: machine-1 is idle',
    '2026-03-01T14:03:22Z machine-1 (1): no longer listed',
    '',
  ])
  world.signals.emit('SIGTERM')
  expect(await code).toBe(143)
  expect(world.source.isClosed).toBe(true)
})

it('trouble is told once among the errors, and so is its end', async () => {
  const { world, code } = begin()
  for (const text of ['It does not answer.', 'It does not answer.', null, null])
    world.source.tell({ type: 'trouble', text, at: noon })
  expect(world.told).toBe('2026-03-01T14:03:22Z It does not answer.\n2026-03-01T14:03:22Z It answers again.\n')
  expect(world.output.bytes).toBe('')
  world.signals.emit('SIGINT')
  expect(await code).toBe(130)
})

it('when nobody reads any more it ends quietly, and a hangup that is ignored stays ignored', async () => {
  const { world, code } = begin()
  expect(world.signals.eventNames()).not.toContain('SIGHUP')
  world.output.emit('error', new Error('write EPIPE'))
  expect(await code).toBe(0)
  world.output.emit('error', new Error('write EPIPE'))
})
