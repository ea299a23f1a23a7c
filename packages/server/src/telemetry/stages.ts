/**
 * The stage tracker of an attempt. Pure.
 *
 * Where the list comes from, so that a plain script shows nothing that nobody reported:
 *   - a job that declares stages shows those, from the start;
 *   - else the first stage event decides: one of the default names lays out the default stages, any other name begins a
 *     list of what is reported, in order of appearance;
 *   - else, for a training, its first metrics lay out the default stages with «Training» active. The stages before it are
 *     `skipped`, as nobody reported them. A later event with a name of its own replaces this inferred list.
 *
 * Starting a stage completes the active one, unless that failed. When the attempt completes, the active stage is completed
 * and what never began is skipped; when it fails, the active stage is failed and the rest stays pending; when it is
 * cancelled, the active stage and the rest are skipped. A lost attempt leaves its stages alone, because it may revive.
 */
import { type JobKind, type JobState, type StageEvent, type StageState, defaultStages } from '@pilothouse/contract'

export type StageEntry = {
  name: string
  state: StageState
  startedMs: number | null
  endedMs: number | null
  done: number | null
  total: number | null
}
type Stages = readonly StageEntry[]

/** The list with these names in this order; what is known of a name is kept. */
export function layStages(names: readonly string[], known: Stages): StageEntry[] {
  const distinct = [...new Set(names)]
  return distinct.map((name) => known.find((one) => sameName(one.name, name)) ?? pendingStage(name))
}

/** Takes one event in; `at` is the server's clock. */
export function applyStageEvent(stages: Stages, event: StageEvent, at: number): StageEntry[] {
  const laid = ensureNamed(stages, event.name)
  return event.state === 'active'
    ? startStage(laid, event, at)
    : laid.map((one) => (sameName(one.name, event.name) ? moveStage(one, event, at) : one))
}

/** The first metrics of an attempt that reports no stages. */
export function inferStages(stages: Stages, kind: JobKind, at: number): Stages {
  if (stages.length > 0 || kind !== 'training') return stages
  const training = defaultStages.indexOf('Training')
  return defaultStages.map((name, position) => {
    if (position < training) return { ...pendingStage(name), state: 'skipped' }
    return position === training ? { ...pendingStage(name), state: 'active', startedMs: at } : pendingStage(name)
  })
}

/** The attempt has ended so; `at` is the server's clock. */
export function endStages(stages: Stages, outcome: JobState, at: number): Stages {
  switch (outcome) {
    case 'completed':
      return stages.map((one) => endStage(one, { active: 'completed', pending: 'skipped', at }))
    case 'failed':
      return stages.map((one) => endStage(one, { active: 'failed', pending: 'pending', at }))
    case 'cancelled':
      return stages.map((one) => endStage(one, { active: 'skipped', pending: 'skipped', at }))
    case 'queued':
    case 'submitting':
    case 'pending':
    case 'running':
    case 'paused':
    case 'lost':
      return stages
    default:
      return outcome satisfies never
  }
}

/** Name of the stage under way. */
export function activeStage(stages: Stages): string | null {
  return stages.find(({ state }) => state === 'active')?.name ?? null
}

/** Name of the stage that a failure happened in: the one under way, else the last that failed. */
export function failingStage(stages: Stages): string | null {
  return activeStage(stages) ?? stages.findLast(({ state }) => state === 'failed')?.name ?? null
}

function startStage(stages: Stages, event: StageEvent, at: number): StageEntry[] {
  return stages.map((one) => {
    if (sameName(one.name, event.name)) return moveStage(one, event, at)
    return one.state === 'active' ? { ...one, state: 'completed', endedMs: at } : one
  })
}

function moveStage(one: StageEntry, event: StageEvent, at: number): StageEntry {
  const state = event.state ?? (one.state === 'pending' ? 'active' : one.state)
  const begun = state !== 'pending' && state !== 'skipped'
  const over = state === 'completed' || state === 'failed' || state === 'skipped'
  return {
    ...one,
    state,
    startedMs: one.startedMs ?? (begun ? at : null),
    endedMs: over ? (one.state === state ? (one.endedMs ?? at) : at) : null,
    done: event.done ?? one.done,
    total: event.total === undefined ? one.total : event.total,
  }
}

function endStage(one: StageEntry, to: { active: StageState; pending: StageState; at: number }): StageEntry {
  if (one.state === 'active') return { ...one, state: to.active, endedMs: to.at }
  return one.state === 'pending' ? { ...one, state: to.pending } : one
}

function ensureNamed(stages: Stages, name: string): Stages {
  if (stages.some((one) => sameName(one.name, name))) return stages
  const isDefault = defaultStages.some((one) => sameName(one, name))
  if (stages.length === 0 && isDefault) return layStages(defaultStages, [])
  return [...(wasInferred(stages) ? [] : stages), pendingStage(name)]
}

/** True for the list that `inferStages` made and no event has touched. */
function wasInferred(stages: Stages): boolean {
  const shape = stages.map(({ name, state, done }) => `${name}/${state}/${done ?? ''}`).join()
  const inferred = inferStages([], 'training', 0).map(({ name, state }) => `${name}/${state}/`)
  return shape === inferred.join()
}

function pendingStage(name: string): StageEntry {
  return { name, state: 'pending', startedMs: null, endedMs: null, done: null, total: null }
}

/** «training» means the stage «Training». */
function sameName(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase()
}
