/** A job under way, but for what is said. */
import type { JobCard } from '@pilothouse/contract'

export const progress = {
  fraction: null,
  step: null,
  totalSteps: null,
  epoch: null,
  totalEpochs: null,
  stepsPerSecond: null,
  etaMs: null,
  at: 0,
}

export function makeCard(fields: Partial<JobCard>): JobCard {
  return {
    uid: 'abcd1234',
    kind: 'training',
    name: 'charlm-1',
    project: 'examples',
    owner: { id: 1, name: 'admin' },
    state: 'running',
    stateReason: null,
    model: null,
    modelType: null,
    dataset: null,
    target: null,
    group: null,
    jobType: null,
    tags: [],
    commit: null,
    createdAt: 0,
    startedAt: null,
    endedAt: null,
    heardAt: null,
    cost: null,
    attempt: 1,
    branch: 0,
    stage: null,
    progress: null,
    headline: null,
    errorMessage: null,
    diagnosis: null,
    archivedAt: null,
    version: 1,
    ...fields,
  }
}
