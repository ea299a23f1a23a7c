import { describe, expect, it } from 'vitest'
import {
  type StageEntry,
  activeStage,
  applyStageEvent,
  endStages,
  failingStage,
  inferStages,
  layStages,
} from './stages.ts'

const show = (stages: readonly StageEntry[]) => stages.map(({ name, state }) => `${name}:${state}`)

describe('the stages of an attempt', () => {
  it('are none while nothing was reported', () => {
    expect(show(layStages([], []))).toEqual([])
    expect(show(inferStages([], 'other', 5))).toEqual([])
  })

  it('are the default ones with Training active once a plain training logs metrics', () => {
    expect(show(inferStages([], 'training', 5))).toEqual([
      'Dataset loading:skipped',
      'Tokenization:skipped',
      'Training:active',
      'Validation:pending',
      'Save model:pending',
    ])
  })

  it('are laid out as the default ones by an event with a default name, in any case', () => {
    const stages = applyStageEvent([], { name: 'tokenization', state: 'active', at: 1 }, 7)
    expect(activeStage(stages)).toBe('Tokenization')
    expect(stages).toHaveLength(5)
  })

  it('are only those reported when the names are the script’s own', () => {
    const one = applyStageEvent([], { name: 'warm-up', state: 'active', at: 1 }, 1)
    const two = applyStageEvent(one, { name: 'distil', state: 'active', at: 2 }, 2)
    expect(show(two)).toEqual(['warm-up:completed', 'distil:active'])
  })

  it('give up the inferred list for a name of the script’s own', () => {
    const stages = applyStageEvent(inferStages([], 'training', 1), { name: 'fine-tune', state: 'active', at: 2 }, 2)
    expect(show(stages)).toEqual(['fine-tune:active'])
  })

  it('append an unknown stage to declared ones', () => {
    const stages = applyStageEvent(layStages(['a', 'b'], []), { name: 'c', state: 'active', at: 2 }, 2)
    expect(show(stages)).toEqual(['a:pending', 'b:pending', 'c:active'])
  })

  it('complete the active stage when another starts, unless it failed', () => {
    const a = applyStageEvent(layStages(['a', 'b'], []), { name: 'a', state: 'active', at: 1 }, 1)
    expect(show(applyStageEvent(a, { name: 'b', state: 'active', at: 2 }, 2))).toEqual(['a:completed', 'b:active'])
    const failed = applyStageEvent(a, { name: 'a', state: 'failed', at: 2 }, 2)
    expect(show(applyStageEvent(failed, { name: 'b', state: 'active', at: 3 }, 3))).toEqual(['a:failed', 'b:active'])
  })

  it('keep the first start of a stage that is entered again', () => {
    const enter = (stages: readonly StageEntry[], name: string, at: number) =>
      applyStageEvent(stages, { name, state: 'active', at }, at)
    const stages = enter(enter(enter(layStages(['train', 'eval'], []), 'train', 1), 'eval', 5), 'train', 9)
    expect(stages[0]).toMatchObject({ state: 'active', startedMs: 1, endedMs: null })
    expect(stages[1]).toMatchObject({ state: 'completed', startedMs: 5, endedMs: 9 })
  })

  it('follow their progress', () => {
    const stages = applyStageEvent(layStages(['a'], []), { name: 'a', at: 3, done: 4, total: 10 }, 3)
    expect(stages[0]).toMatchObject({ state: 'active', done: 4, total: 10, startedMs: 3 })
  })

  it('end with the attempt', () => {
    const running = applyStageEvent(layStages(['a', 'b', 'c'], []), { name: 'b', state: 'active', at: 1 }, 1)
    expect(show(endStages(running, 'completed', 9))).toEqual(['a:skipped', 'b:completed', 'c:skipped'])
    expect(show(endStages(running, 'failed', 9))).toEqual(['a:pending', 'b:failed', 'c:pending'])
    expect(show(endStages(running, 'cancelled', 9))).toEqual(['a:skipped', 'b:skipped', 'c:skipped'])
    expect(endStages(running, 'lost', 9)).toBe(running)
    expect(failingStage(endStages(running, 'failed', 9))).toBe('b')
  })

  it('keep what is known when the list is declared anew', () => {
    const running = applyStageEvent([], { name: 'x', state: 'active', at: 1 }, 1)
    expect(show(layStages(['w', 'x', 'x'], running))).toEqual(['w:pending', 'x:active'])
  })
})
