/** Five invented machines for the screen, the same at every run. */
import type { TopLine, TopRow, TopSource, TopUpdate } from '@pilothouse/terminal/top'

const gpus = [
  'NVIDIA GeForce RTX 4090',
  'NVIDIA A100-SXM4-80GB',
  'NVIDIA H100 PCIe',
  'NVIDIA L40S',
  'NVIDIA GeForce RTX 3090',
]
const names = ['vision-large', 'speech-base', 'ranker', 'diffusion-512', 'tokens-7b']
const started = Date.UTC(2026, 0, 5)

/** Rows after `tick` updates. */
export function makeRows(tick: number, at: number): TopRow[] {
  return names.map((name, index) => {
    const step = tick + index * 100
    const share = (step % 1_000) / 1_000
    return {
      id: `vast:3000701${index}`,
      shortId: `3000701${index}`,
      name,
      kind: 'instance',
      group: 'vast',
      owner: null,
      target: null,
      gpuName: gpus[index] ?? null,
      gpuCount: index === 1 ? 4 : 1,
      state: index === 4 ? 'exited' : 'running',
      isActive: index !== 4,
      isError: index === 4,
      health: readHealth(index),
      epoch: 1 + (Math.floor(step / 300) % 3),
      epochs: 3,
      step,
      steps: 1_000,
      progress: share,
      gpuUse: index === 4 ? null : 60 + ((tick * 7 + index * 11) % 40),
      memoryUse: index === 4 ? null : 40 + ((tick + index * 13) % 20),
      loss: 2.5 / (1 + share * 4) + index * 0.1,
      lossKey: 'loss',
      perHour: 0.467 + index * 0.31,
      cost: 8.45 + index + tick * 0.0001,
      costIs: 'estimate',
      currency: 'USD',
      etaMs: index === 4 ? null : (1 - share) * 7_200_000 * (index + 1),
      costAtEnd: 30,
      startedAt: started,
      seenAt: at,
      trouble: null,
      can: index === 4 ? [] : ['stop'],
    }
  })
}

function readHealth(index: number): TopRow['health'] {
  if (index === 4) return { level: 'error', word: 'failed', why: 'Its container ended with 1.' }
  if (index === 3) return { level: 'warning', word: 'busy', why: 'Its GPU is used fully.' }
  return { level: 'good', word: 'ok', why: null }
}

/** One line of each machine that runs. */
export function makeLines(tick: number, at: number): TopLine[] {
  return names.slice(0, 4).map((_name, index) => ({
    rowId: `vast:3000701${index}`,
    at,
    text: `Epoch ${1 + (tick % 3)}/3 step ${tick}: loss = ${(2.5 / (1 + (tick % 1_000) / 250)).toFixed(4)}, lr = 1e-4`,
  }))
}

/** A source that is told from outside when a second has passed. */
export function makeSource(): TopSource & { tick(at: number): void } {
  let tell: (update: TopUpdate) => void = () => undefined
  let ticks = 0
  return {
    label: 'mock: invented machines',
    floorMs: null,
    start: (told) => {
      tell = told
    },
    tick: (at) => {
      ticks += 1
      tell({ type: 'lines', lines: makeLines(ticks, at) })
      tell({ type: 'rows', rows: makeRows(ticks, at), at })
    },
    refresh: () => undefined,
    watch: (rowId) => {
      if (rowId !== null) tell({ type: 'detail', detail: makeDetail(rowId) })
    },
    act: () => Promise.resolve('Stopped.'),
    close: () => Promise.resolve(),
  }
}

function makeDetail(rowId: string) {
  const times = Array.from({ length: 256 }, (_, at) => started + at * 10_000)
  return {
    rowId,
    curves: [
      {
        key: 'loss',
        unit: 'number' as const,
        times,
        values: times.map((_, at) => 2.5 / (1 + at / 40) + 0.1 * Math.sin(at)),
      },
      { key: 'gpu use', unit: '%' as const, times, values: times.map((_, at) => 70 + 25 * Math.sin(at / 9)) },
      { key: 'gpu memory', unit: '%' as const, times, values: times.map((_, at) => 40 + at / 10) },
    ],
    stages: [
      { name: 'prepare', state: 'completed', progress: 1 },
      { name: 'train', state: 'running', progress: 0.41 },
    ],
    parameters: [
      { name: 'lr', value: '1e-4' },
      { name: 'batch', value: '32' },
    ],
    checkpoints: [{ name: 'epoch-1.pt', step: 300, at: started, metric: 'loss 2.31' }],
    facts: [
      { name: 'image', value: 'pytorch:2.6' },
      { name: 'region', value: 'Sweden, SE' },
    ],
  }
}
