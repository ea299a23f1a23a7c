/** What `index.ts` gives away of batch inference, by name: files, engines, batches, and what workers say. */
export { batchGroups, batchStatuses, endedBatchStatuses, isEndedBatch, statusesOfGroup } from './batch-status.ts'
export { requestFailureCodes } from './batch-status.ts'
export type { BatchGroup, BatchStatus, RequestFailureCode } from './batch-status.ts'
export type {
  BatchCard,
  batchCheck,
  BatchChecked,
  BatchDetail,
  BatchList,
  batchListQuery,
  BatchLog,
  BatchOverview,
  BatchPoint,
  BatchRetry,
  batchRetry,
  BatchUsage,
  batchUsageQuery,
  DeadLetter,
  DeadLetterPage,
  deadLetterQuery,
} from './batch.ts'
export type { Dataset, DatasetList } from './dataset.ts'
export type { Engine, EngineCreate, EngineFigures, EngineHealth, EnginePatch, ModelList, ModelPrice } from './engine.ts'
export { engineStates } from './engine-state.ts'
export type { EngineState } from './engine-state.ts'
export { fileForm, fileIdPattern } from './file.ts'
export type { FileList, FileObject, FilePurpose, fileQuery } from './file.ts'
export { batchForm, batchIdPattern, openAiBatch, openAiBatchCreate } from './openai-batch.ts'
export type { OpenAiBatch, OpenAiBatchCreate, OpenAiBatchList, openAiBatchQuery } from './openai-batch.ts'
export type {
  GiveBack,
  Heartbeat,
  HeartbeatAnswer,
  LeaseAnswer,
  LeaseAsk,
  ShardLease,
  WorkDelivered,
  WorkDelivery,
  WorkEngine,
  WorkEngines,
  WorkerSeat,
  WorkOutcome,
  WorkRequest,
  WorkResult,
  WorkShard,
} from './work.ts'
export { servingCommands, servingKinds, servingPlaceholders } from './serving-state.ts'
export type { ServingKind, ServingPlaceholder, ServingState } from './serving-state.ts'
export type { LaunchedWorker, WorkerStart, workerStart } from './worker-launch.ts'
export type { Serving, ServingSource, ServingStart, servingStart } from './serving.ts'
