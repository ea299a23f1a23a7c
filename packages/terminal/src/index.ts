export { viewAlerts } from './alerts-view.ts'
export { listBridgeSettings, viewBridge } from './bridge-view.ts'
export type { BridgeReady } from './bridge-view.ts'
export { viewAdvice, viewRules } from './checkpoint-rules-view.ts'
export { viewCluster, viewClusterFaults, viewConnectionTest, viewFileFaults, viewHostKeys } from './clusters-view.ts'
export { viewDeletion } from './deletion-view.ts'
export { viewEngine, viewEngines } from './engines-view.ts'
export { viewFailure } from './failure-view.ts'
export type { Failure } from './failure-view.ts'
export { gpuGroupings, viewClusterStatus, viewGpus, viewStart } from './gpus-view.ts'
export type { GpuGrouping } from './gpus-view.ts'
export { viewImport } from './import-view.ts'
export { viewJobs } from './jobs-view.ts'
export {
  viewLaunch,
  viewLaunchCode,
  viewLaunchStep,
  viewPlan,
  viewProblems,
  viewTargets,
  viewTrouble,
} from './launch-view.ts'
export { viewLogLine } from './log-line-view.ts'
export { createPaint } from './paint.ts'
export type { Paint } from './paint.ts'
export { viewPresets } from './presets-view.ts'
export { viewProposals, viewProposed } from './proposals-view.ts'
export { viewProject, viewProjects } from './projects-view.ts'
export { viewRunEnd, viewRunStart } from './run-view.ts'
export type { RunEnd } from './run-view.ts'
export { makeHarmless } from './harmless-text.ts'
export { viewCheckpoints, viewCopy, viewOutcome, viewParameters } from './steering-view.ts'
export { viewTensorComparison } from './tensor-comparison-view.ts'
export { viewTensorProgress, viewTensors, viewVerification } from './tensors-view.ts'
export { viewUsage } from './usage-view.ts'
export { viewTokens } from './tokens-view.ts'
export { viewSync, viewSyncProgress } from './sync-view.ts'
export type { SyncedRun } from './sync-view.ts'
export { viewWandbKeys } from './wandb-view.ts'
