import { describe, expect, it } from 'vitest'
import { openMock } from './mock-provider.ts'

const start = Date.UTC(2026, 2, 1)
const minute = 60_000

function open(seed = 1): { mock: ReturnType<typeof openMock>; pass: (ms: number) => void } {
  let now = start
  return { mock: openMock({ now: () => now, seed }), pass: (ms) => (now += ms) }
}

describe('invented machines', () => {
  it('are five of the kinds that people rent, and the same for the same seed', async () => {
    const machines = await open().mock.provider.list()
    expect(machines.map(({ gpuName }) => gpuName)).toEqual(['RTX 4090', 'A100 SXM4', 'H100 NVL', 'L40S', 'RTX 3090'])
    expect(machines.every(({ provider, label }) => provider === 'mock' && label?.startsWith('invented'))).toBe(true)
    expect(await open().mock.provider.list()).toEqual(machines)
    expect(await open(2).mock.provider.list()).not.toEqual(machines)
  })

  it('are loaded, train and exit, round after round', async () => {
    const { mock, pass } = open()
    const seen = new Set<string>()
    for (let at = 0; at < 300; at += 1) {
      for (const { status } of await mock.provider.list()) seen.add(status)
      pass(minute)
    }
    expect([...seen].toSorted()).toEqual(['exited', 'loading', 'running'])
  })

  it('stop, start and go when they are told to', async () => {
    const { provider } = open().mock
    await provider.stop('30007012')
    expect(await provider.get('30007012')).toMatchObject({ status: 'stopped' })
    await provider.start('30007012')
    expect(await provider.get('30007012')).toMatchObject({ status: 'running' })
    await provider.destroy('30007012')
    expect(await provider.get('30007012')).toBeNull()
    await expect(provider.stop('30007012')).rejects.toMatchObject({ kind: 'notFound' })
    await expect(provider.charges({ from: 0, until: 1 })).rejects.toMatchObject({ kind: 'unable' })
  })
})

describe('the log of an invented training', () => {
  it('goes on where it was read to, each line once', () => {
    const { mock, pass } = open()
    const first = mock.readLog('30007012', null, 10_000)
    pass(minute)
    const next = mock.readLog('30007012', first.place, 10_000)
    expect(next.lines).toHaveLength(30)
    expect([...first.lines, ...next.lines]).toEqual(mock.readLog('30007012', null, 10_000).lines)
    expect(first.lines[0]).toBe('Training started on RTX 4090 (invented)')
    expect(first.lines[1]).toBe('Epoch 1/3')
    expect(first.lines[2]).toMatch(/^Step 10\/7200: Loss = \d\.\d{4}, LR = \S+$/)
  })

  it('ends with an error where its training fails, and begins anew in the next round', async () => {
    const { mock, pass } = open()
    const id = '30007270'
    while ((await mock.provider.get(id))?.status !== 'exited') pass(2_000)
    const ended = mock.readLog(id, null, 5)
    expect(ended.lines.at(-1)).toContain('CUDA out of memory')
    while ((await mock.provider.get(id))?.status !== 'running') pass(2_000)
    pass(10_000)
    expect(mock.readLog(id, ended.place, 50).lines[0]).toBe('Training started on RTX 3090 (invented)')
  })
})
