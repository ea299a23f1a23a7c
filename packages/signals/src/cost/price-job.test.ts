import { type Rate, rateCard } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { type PricedJob, type PricedMachine, costOf, priceJob, sumParts } from './price-job.ts'

const hour = 3_600_000

function ratesOf(...rates: Partial<Rate>[]): Rate[] {
  return rateCard.parse({ currency: 'USD', rates }).rates
}

function machine(host: string | null, ...names: string[]): PricedMachine {
  return { host, gpus: names.map((name) => ({ name })) }
}

function job(machines: PricedMachine[], parts: Partial<PricedJob> = {}): PricedJob {
  return { project: 'vision', target: 'dgx', startedAt: 10 * hour, machines, ...parts }
}

const perHour = (rates: Rate[], one: PricedJob) => {
  const parts = priceJob(rates, one)
  return parts && sumParts(parts)
}

describe('the first rate that matches counts', () => {
  const a100 = machine('node1', 'NVIDIA A100-SXM4-80GB', 'NVIDIA A100-SXM4-80GB')

  it('by a part of the name of the GPU, case aside, `*` for any letters', () => {
    const found = (gpu: string) => perHour(ratesOf({ gpu, gpuHour: 1.9 }), job([a100]))
    expect(found('A100')).toBeCloseTo(3.8)
    expect(found('a100*80gb')).toBeCloseTo(3.8)
    expect(found('H100')).toBeNull()
    // Signs of an expression are letters as others are.
    expect(found('A100.*')).toBeNull()
  })

  it('by the target of the job or the name of the host, and by the project', () => {
    const found = (rate: Partial<Rate>) => perHour(ratesOf({ ...rate, gpuHour: 1 }), job([a100]))
    expect(found({ target: 'dgx' })).toBe(2)
    expect(found({ target: 'node*' })).toBe(2)
    expect(found({ target: 'node' })).toBeNull()
    expect(found({ project: 'vision' })).toBe(2)
    expect(found({ project: 'V*' })).toBe(2)
    expect(found({ project: 'audio' })).toBeNull()
    expect(found({ target: 'dgx', project: 'audio' })).toBeNull()
  })

  it('in their order, not by what is closest', () => {
    const rates = ratesOf({ gpu: 'A100', gpuHour: 2 }, { gpu: 'A100', project: 'vision', gpuHour: 1 }, { gpuHour: 9 })
    expect(perHour(rates, job([a100]))).toBe(4)
    expect(perHour(rates, job([machine('node1', 'Tesla T4')]))).toBe(9)
  })

  it('from a day on by when the job started; what has not started counts as of today', () => {
    const rates = ratesOf({ from: 20 * hour, gpuHour: 1 }, { gpuHour: 2 })
    expect(perHour(rates, job([a100], { startedAt: 20 * hour }))).toBe(2)
    expect(perHour(rates, job([a100], { startedAt: 20 * hour - 1 }))).toBe(4)
    expect(perHour(rates, job([a100], { startedAt: null }))).toBe(2)
  })
})

describe('the price of an hour', () => {
  it('has each GPU, and its host once', () => {
    const rates = ratesOf({ gpu: 'A100', gpuHour: 2, hostHour: 0.5 }, { gpu: 'T4', gpuHour: 0.3, hostHour: 0.1 })
    expect(priceJob(rates, job([machine('a', 'A100', 'T4', 'A100'), machine('b', 'A100')]))).toEqual([
      { kind: 'gpu', name: 'A100', count: 3, perHour: 2 },
      { kind: 'gpu', name: 'T4', count: 1, perHour: 0.3 },
      { kind: 'host', name: null, count: 2, perHour: 0.5 },
    ])
  })

  it('of a machine that is paid as a whole does not count its GPUs', () => {
    const rates = ratesOf({ gpu: 'H100', hostHour: 30 })
    expect(priceJob(rates, job([machine('a', 'H100', 'H100')]))).toEqual([
      { kind: 'host', name: null, count: 1, perHour: 30 },
    ])
  })

  it('of a host without GPU is that of a host: rates of GPUs are passed over', () => {
    const rates = ratesOf({ gpuHour: 2 }, { gpu: 'A100', hostHour: 7 }, { hostHour: 0.2 })
    expect(perHour(rates, job([machine('a')]))).toBe(0.2)
    expect(perHour(ratesOf({ gpuHour: 2 }), job([machine('a')]))).toBeNull()
  })

  it('of a job whose machine nobody reported is that of one host, found by its target', () => {
    expect(perHour(ratesOf({ target: 'dgx', hostHour: 4 }), job([]))).toBe(4)
    expect(perHour(ratesOf({ target: 'x*', hostHour: 4 }), job([], { target: null }))).toBeNull()
    expect(perHour(ratesOf({ hostHour: 4 }), job([], { target: null }))).toBe(4)
  })

  it('is not known when a part of it is not', () => {
    const rates = ratesOf({ gpu: 'A100', gpuHour: 2 })
    expect(perHour(rates, job([machine('a', 'A100'), machine('b', 'T4')]))).toBeNull()
    expect(perHour(rates, job([machine('a', 'A100', 'T4')]))).toBeNull()
    expect(perHour([], job([machine('a', 'A100')]))).toBeNull()
  })

  it('of nothing is nothing, which is not the same as unknown', () => {
    expect(perHour(ratesOf({ gpuHour: 0 }), job([machine('a', 'A100')]))).toBe(0)
  })
})

it('a cost is the price times the hours of all attempts', () => {
  const parts = priceJob(ratesOf({ gpuHour: 1.9 }), job([machine('a', 'A100', 'A100')])) ?? []
  expect(costOf({ currency: 'EUR', parts }, 3.5 * hour)).toMatchObject({ currency: 'EUR', hours: 3.5 })
  expect(costOf({ currency: 'EUR', parts }, 3.5 * hour).amount).toBeCloseTo(13.3)
  expect(costOf({ currency: 'EUR', parts }, 0).amount).toBe(0)
})

it('the largest prices over a century stay numbers', () => {
  const gpus = Array.from({ length: 10_000 }, () => 'A100')
  const parts = priceJob(ratesOf({ gpuHour: 1e9 }), job([machine('a', ...gpus)])) ?? []
  expect(costOf({ currency: 'USD', parts }, 876_600 * hour).amount).toBe(1e13 * 876_600)
})
