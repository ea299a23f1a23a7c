import type { InstanceFacts } from '@pilothouse/contract'
import { openMock, type Provider, ProviderError } from '@pilothouse/fleet'
import { builtInPatterns, healthProfiles } from '@pilothouse/signals'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeTimers } from './fake-timers.fixture.ts'
import type { LookAtMachine } from './machines/look-at-machine.ts'
import { openProviderSource, type ProviderSourceOptions } from './provider-source.ts'
import type { TopDetail, TopRow, TopSource, TopUpdate } from './top-state.ts'

const begin = Date.UTC(2026, 2, 1, 12)
const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const gib = 1024 ** 3

let open: TopSource[] = []
afterEach(async () => {
  await Promise.all(open.map((source) => source.close()))
  open = []
})

describe('rented machines on the screen', () => {
  it('are rows with their use, price and cost, as an estimate', async () => {
    const { row, timers } = await watch({
      machines: [machine({ startedAt: begin - 2 * hour, perHour: 0.5, gpuUse: 80 })],
    })
    expect(row('1')).toMatchObject({
      id: 'vast:1',
      kind: 'instance',
      gpuName: 'RTX 4090',
      state: 'running',
      gpuUse: 80,
      memoryUse: 50,
      perHour: 0.5,
      costIs: 'estimate',
      currency: 'USD',
      health: { level: 'good', word: 'ok' },
      can: ['stop'],
      trouble: null,
    })
    expect(row('1').cost).toBeCloseTo(1, 3)
    await timers.pass(hour)
    expect(row('1').cost).toBeCloseTo(1.5, 3)
  })

  it('show progress, loss and the time to go of what they train, and what it will have cost', async () => {
    let step = 0
    const look: LookAtMachine = () => {
      step += 10
      return Promise.resolve({ lines: [`Epoch 1/2`, `Step ${step}/1000: Loss = 2.5`], gpus: [], place: step })
    }
    const { row, timers } = await watch({ machines: [machine({ perHour: 3.6, startedAt: begin })], look })
    await timers.pass(5 * minute)
    expect(row('1')).toMatchObject({ epoch: 1, epochs: 2, step, steps: 1000, loss: 2.5, lossKey: 'loss' })
    expect(row('1').progress).toBeCloseTo(step / 1000)
    const leftMs = ((1000 - step) / 10) * 5 * second
    expect(Math.abs((row('1').etaMs ?? 0) - leftMs)).toBeLessThan(10 * second)
    expect(row('1').costAtEnd).toBeCloseTo((row('1').cost ?? 0) + (row('1').etaMs ?? 0) / 1_000_000, 6)
  })

  it('cost what the provider has charged, once it says so', async () => {
    const charge = { instanceId: '1', from: begin - hour, until: begin, amount: 7, currency: 'USD' as const }
    const { row, provider, timers } = await watch({ machines: [machine({})], charges: [charge] })
    expect(row('1')).toMatchObject({ costIs: 'charged' })
    expect(row('1').cost).toBeCloseTo(7, 2)
    await timers.pass(9 * minute)
    expect(provider.asked.charges).toBe(1)
    await timers.pass(2 * minute)
    expect(provider.asked.charges).toBe(2)
  })

  it('pay for their disk alone while they are stopped', async () => {
    const { row, provider, timers } = await watch({
      machines: [machine({ perHour: 1, storagePerHour: 0.1, startedAt: begin })],
    })
    await timers.pass(hour)
    provider.machines = [machine({ perHour: 1, storagePerHour: 0.1, startedAt: begin, status: 'stopped' })]
    await timers.pass(10 * hour)
    expect(row('1').cost).toBeCloseTo(2, 1)
  })

  it('are those that were asked for, and one that nobody lists is named', async () => {
    const { rows, trouble } = await watch({
      machines: [machine({ id: '1' }), machine({ id: '2' })],
      wanted: ['2', '9'],
    })
    expect(rows().map(({ id }) => id)).toEqual(['vast:2'])
    expect(trouble()).toBe('vast.ai lists no machine 9.')
  })

  it('stay for a while when they vanish, and may come back', async () => {
    const { rows, row, provider, timers, events } = await watch({ machines: [machine({})] })
    provider.machines = []
    await timers.pass(minute)
    expect(row('1')).toMatchObject({ state: 'gone', isActive: false, health: { level: 'warning', word: 'gone' } })
    provider.machines = [machine({})]
    await timers.pass(minute)
    expect(row('1').state).toBe('running')
    expect(events()).toEqual(['#1 RTX 4090: its provider no longer lists it', '#1 RTX 4090: it is back, and running'])
    provider.machines = []
    await timers.pass(hour)
    expect(rows()).toEqual([])
  })

  it('tell of epochs that completed, but not of what a first look reads', async () => {
    const looks = [
      ['Epoch 1/2', 'Epoch 2/2', 'Step 1/10: Loss = 2'],
      ['Step 10/10: Loss = 1', 'Epoch 2/2 completed'],
    ]
    const look: LookAtMachine = () => Promise.resolve({ lines: looks.shift() ?? [], gpus: [], place: 0 })
    const { timers, events } = await watch({ machines: [machine({})], look })
    expect(events()).toEqual([])
    await timers.pass(minute)
    expect(events()).toEqual(['#1 RTX 4090: epoch 2/2 completed, the last one'])
  })

  it('are idle, hot or diverging in a word, and that is told once', async () => {
    const { row, provider, timers, events } = await watch({ machines: [machine({ gpuUse: 90 })] })
    provider.machines = [machine({ gpuUse: 2 })]
    await timers.pass(4 * minute)
    expect(row('1').health.word).toBe('ok')
    await timers.pass(4 * minute)
    expect(row('1').health.word).toBe('idle')
    await timers.pass(hour)
    expect(events()).toHaveLength(1)
    expect(events()[0]).toMatch(/^#1 RTX 4090: idle\. Its GPUs are at 2 %/)
  })

  it('have failed where their log ends with an error, though nobody knows the exit code', async () => {
    const lines = ['Step 1/10: Loss = 2', 'torch.OutOfMemoryError: CUDA out of memory.']
    const look: LookAtMachine = () => Promise.resolve({ lines: lines.splice(0), gpus: [], place: 0 })
    const { row, provider, timers, events } = await watch({ machines: [machine({})], look })
    provider.machines = [machine({ status: 'exited' })]
    await timers.pass(minute)
    expect(row('1')).toMatchObject({ isError: true, health: { level: 'error', word: 'failed' } })
    expect(events().at(-1)).toContain('CUDA out of memory')
  })

  it('show their curves and what else is known to whoever looks closer', async () => {
    const look: LookAtMachine = () =>
      Promise.resolve({
        lines: ['Step 1/10: Loss = 2'],
        gpus: [
          { use: 50, memoryUsed: 4, memoryTotal: 8, temperature: 60 },
          { use: 70, memoryUsed: 8, memoryTotal: 8, temperature: 71 },
        ],
        place: 0,
      })
    const { source, row, timers, detail } = await watch({ machines: [machine({})], look })
    source.watch('vast:1')
    await timers.pass(minute)
    expect(row('1')).toMatchObject({ gpuUse: 60, memoryUse: 75 })
    expect(detail()?.curves.map(({ key }) => key)).toEqual(['loss', 'gpu use', 'gpu memory'])
    expect(detail()?.facts).toContainEqual({ name: 'temperature', value: '71 °C' })
  })
})

describe('when things go wrong', () => {
  it('the last known state stays with its age, and the reason is told', async () => {
    const { row, provider, timers, trouble } = await watch({ machines: [machine({})] })
    provider.fault = new ProviderError('unreachable', 'No answer within 10 s.', { hint: 'Look at the network.' })
    await timers.pass(2 * minute)
    expect(trouble()).toBe('vast.ai: No answer within 10 s. Look at the network.')
    expect(row('1')).toMatchObject({
      gpuUse: 55,
      trouble: expect.stringMatching(/^As it was .* ago\. vast\.ai: No answer/),
    })
    provider.fault = null
    await timers.pass(6 * minute)
    expect([trouble(), row('1').trouble]).toEqual([null, null])
  })

  it('a key that is refused is shown again after five minutes, and what was known stays', async () => {
    const { row, provider, timers, trouble, updates } = await watch({ machines: [machine({})] })
    provider.fault = new ProviderError('denied', 'vast.ai refuses the key (401).', { hint: 'Check the key.' })
    await timers.pass(minute)
    const asked = provider.asked.list
    expect(trouble()).toBe('vast.ai refuses the key (401). Check the key.')
    expect(updates.findLast((one) => one.type === 'trouble')?.kind).toBe('refused')
    expect(row('1').state).toBe('running')
    await timers.pass(3 * minute)
    expect(provider.asked.list).toBe(asked)
    provider.fault = null
    await timers.pass(3 * minute)
    expect(trouble()).toBeNull()
  })

  it('a provider that never answers is given up after half a minute, and asked again', async () => {
    const { row, provider, timers, trouble } = await watch({ machines: [machine({})] })
    provider.hangs = true
    await timers.pass(minute)
    expect(trouble()).toBe('vast.ai: No answer within 30 s.')
    expect(row('1')).toMatchObject({ gpuUse: 55, trouble: expect.stringContaining('No answer') })
    const asked = provider.asked.list
    provider.hangs = false
    await timers.pass(2 * minute)
    expect(provider.asked.list).toBeGreaterThan(asked)
    expect(trouble()).toBeNull()
  })

  it('a provider is asked no more often than it wants, and ever more rarely while it fails', async () => {
    const { provider, timers, source } = await watch({ machines: [machine({})], pollMsMin: 30 * second })
    expect(source.floorMs).toBe(30 * second)
    await timers.pass(5 * minute)
    expect(provider.asked.list).toBe(11)
    provider.fault = new ProviderError('busy', 'Too many requests.', { hint: '' })
    await timers.pass(hour)
    expect(provider.asked.list).toBeLessThan(11 + 20)
    const before = provider.asked.list
    source.refresh()
    source.refresh()
    await timers.pass(second)
    expect(provider.asked.list - before).toBeLessThanOrEqual(1)
  })

  it('a machine that hangs delays none of the others', async () => {
    const looked: string[] = []
    const look: LookAtMachine = ({ id }) => {
      looked.push(id)
      return id === '1' ? new Promise(() => undefined) : Promise.resolve({ lines: [], gpus: [], place: 0 })
    }
    const { row, timers, events } = await watch({ machines: [machine({ id: '1' }), machine({ id: '2' })], look })
    await timers.pass(minute)
    expect(looked.filter((id) => id === '2').length).toBeGreaterThan(11)
    expect(looked.filter((id) => id === '1').length).toBeLessThan(4)
    expect(events()).toEqual(['#1 RTX 4090: it cannot be looked at. No answer within 20 s.'])
    expect([row('1').trouble, row('2').trouble]).toEqual([null, null])
  })

  it('lines of any kind are taken as they come', async () => {
    const odd = ['\u001B[2J\u001B]0;title\u0007', '\u0000\uFFFD\u0001', 'x'.repeat(100_000), 'Loss = nan', '']
    const look: LookAtMachine = () => Promise.resolve({ lines: odd, gpus: [], place: 0 })
    const { row, lines } = await watch({ machines: [machine({})], look })
    expect(row('1').health.word).toBe('diverging')
    expect(Math.max(...lines().map((text) => text.length))).toBeLessThanOrEqual(2_000)
  })

  it('a clock that is set back or forward breaks nothing', async () => {
    const { row, provider, timers } = await watch({ machines: [machine({ startedAt: begin - hour })] })
    timers.turn(begin - 365 * 24 * hour)
    await timers.pass(minute)
    expect(row('1').cost).toBeGreaterThanOrEqual(0)
    const before = provider.asked.list
    timers.turn(begin + hour)
    await timers.pass(minute)
    expect(provider.asked.list).toBeGreaterThan(before)
    expect(row('1').cost).toBeCloseTo(1, 1)
  })
})

describe('actions', () => {
  it('stop a machine where its provider can', async () => {
    const { source, provider } = await watch({ machines: [machine({})] })
    expect(await source.act('vast:1', 'stop')).toBe(
      'vast.ai was told to stop #1. What is on its disk stays, and is billed.',
    )
    expect(provider.stopped).toEqual(['1'])
    await expect(source.act('vast:1', 'checkpoint')).rejects.toThrow('can be stopped from here, and nothing else')
    await expect(source.act('vast:7', 'stop')).rejects.toThrow('no longer there')
  })

  it('are switched off for whoever only looks', async () => {
    const { source, row, provider } = await watch({ machines: [machine({})], readOnly: true })
    expect(row('1').can).toEqual([])
    await expect(source.act('vast:1', 'stop')).rejects.toThrow('only looks')
    expect(provider.stopped).toEqual([])
  })
})

describe('many, and for long', () => {
  it('five hundred machines are told in one go', async () => {
    const machines = Array.from({ length: 500 }, (_, at) => machine({ id: String(at) }))
    const { rows, updates } = await watch({ machines })
    expect(rows()).toHaveLength(500)
    expect(updates.filter(({ type }) => type === 'rows').length).toBeLessThan(5)
  })

  it('a week of invented trainings passes in bounded room, and nothing waits once it is closed', async () => {
    const timers = new FakeTimers(begin)
    const mock = openMock({ now: () => timers.now() })
    const look: LookAtMachine = ({ id }, { after, linesMax }) => {
      const place = after as Parameters<typeof mock.readLog>[1] // what the look before gave
      return Promise.resolve({ ...mock.readLog(id, place, Math.min(20, linesMax)), gpus: [] })
    }
    let longest = 0
    let events = 0
    const source = openProviderSource({
      ...usual(timers),
      intervalMs: 30 * minute,
      providers: [{ provider: mock.provider, name: 'mock', look }],
    })
    open.push(source)
    source.watch('mock:30007012')
    source.start((update) => {
      if (update.type === 'event') events += 1
      if (update.type === 'detail')
        longest = Math.max(longest, ...update.detail.curves.map(({ values }) => values.length))
    })
    await timers.pass(7 * 24 * hour)
    expect(events).toBeGreaterThan(50)
    expect(longest).toBeLessThanOrEqual(512)
    expect(timers.waiting).toBeLessThan(5)
    await source.close()
    expect(timers.waiting).toBe(0)
  })
})

type Stand = Partial<Pick<ProviderSourceOptions, 'wanted' | 'readOnly'>> & {
  machines: InstanceFacts[]
  charges?: Awaited<ReturnType<Provider['charges']>> | undefined
  look?: LookAtMachine
  pollMsMin?: number
}

/** A source over a provider that says what the test wants, after its first round. */
async function watch({ machines, charges, look, pollMsMin = second, ...options }: Stand) {
  const timers = new FakeTimers(begin)
  const provider = standIn({ machines, charges, pollMsMin })
  const updates: TopUpdate[] = []
  const source = openProviderSource({
    ...usual(timers),
    providers: [{ provider: provider.face, name: 'vast.ai', look: look ?? null }],
    ...options,
  })
  open.push(source)
  source.start((update) => updates.push(update))
  await timers.pass(second)
  const rows = (): readonly TopRow[] => updates.findLast((one) => one.type === 'rows')?.rows ?? []
  const row = (id: string): TopRow => {
    const found = rows().find((one) => one.id === `vast:${id}`)
    if (found === undefined) throw new Error(`no row ${id}`)
    return found
  }
  const events = (): string[] => updates.flatMap((one) => (one.type === 'event' ? [one.text] : []))
  const lines = (): string[] =>
    updates.flatMap((one) => (one.type === 'lines' ? one.lines.map(({ text }) => text) : []))
  const trouble = (): string | null => updates.findLast((one) => one.type === 'trouble')?.text ?? null
  const detail = (): TopDetail | undefined => updates.findLast((one) => one.type === 'detail')?.detail
  return { source, provider, timers, updates, rows, row, events, lines, trouble, detail }
}

function usual(timers: FakeTimers): Omit<ProviderSourceOptions, 'providers'> {
  const { default: profile } = healthProfiles
  return { wanted: null, intervalMs: 5 * second, profile, patterns: builtInPatterns, readOnly: false, timers }
}

function standIn({ machines, charges, pollMsMin }: Pick<Stand, 'machines' | 'charges'> & { pollMsMin: number }) {
  const stand = {
    machines,
    fault: null as Error | null,
    hangs: false,
    stopped: [] as string[],
    asked: { list: 0, charges: 0 },
  }
  const unused = (): Promise<never> => Promise.reject(new Error('not asked for'))
  const face: Provider = {
    kind: 'vast',
    can: new Set(['stop', ...(charges ? (['charges'] as const) : [])]),
    pollMsMin,
    list: () => {
      stand.asked.list += 1
      if (stand.hangs) return new Promise(() => undefined)
      return stand.fault === null ? Promise.resolve(stand.machines) : Promise.reject(stand.fault)
    },
    get: unused,
    start: unused,
    stop: (id) => {
      stand.stopped.push(id)
      return Promise.resolve()
    },
    destroy: unused,
    label: unused,
    readLog: unused,
    search: unused,
    create: unused,
    charges: () => {
      stand.asked.charges += 1
      return Promise.resolve(charges ?? [])
    },
  }
  return Object.assign(stand, { face })
}

function machine(facts: Partial<InstanceFacts>): InstanceFacts {
  return {
    provider: 'vast',
    id: '1',
    label: null,
    status: 'running',
    rawStatus: 'running',
    statusText: null,
    gpuName: 'RTX 4090',
    gpuCount: 1,
    gpuUse: 55,
    gpuTemperature: 60,
    gpuMemory: { used: 12 * gib, total: 24 * gib },
    cpuUse: null,
    memory: { used: null, total: null },
    disk: { used: null, total: null },
    image: null,
    region: null,
    startedAt: begin,
    contractEndsAt: null,
    perHour: 0.5,
    storagePerHour: null,
    currency: 'USD',
    ssh: null,
    ...facts,
  }
}
