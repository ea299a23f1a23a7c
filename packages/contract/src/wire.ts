/**
 * What runs in the page and in the terminal: everything of the contract that needs no schema library. Types come from
 * `index.ts` by `import type`; zod stays out of these bundles (23 kB gzip, 18 MB of memory).
 */
export { alertLevels } from './alert-level.ts'
export { anomalyKinds, conditionKinds, watchedStates } from './alert-condition.ts'
export { alertStatuses, alertTransitions } from './alert-status.ts'
export { batchGroups, batchStatuses, isEndedBatch, requestFailureCodes } from './batch-status.ts'
export { servingCommands, servingKinds } from './serving-state.ts'
export { instanceActions, instanceStatuses, providerKinds, rentedProviderKinds } from './instance-status.ts'
export { channelKinds, deliveryStatuses } from './channel-kind.ts'
export { checkParameter } from './check-parameter.ts'
export { checkpointKinds, checkpointStates } from './checkpoint-kind.ts'
export { canMoveCommand, commandKinds, commandStates, isOpenCommand, openCommandStates } from './command-state.ts'
export { parameterTypes } from './parameter-type.ts'
export { artifactDirections, artifactKinds } from './artifact-kind.ts'
export { ColumnReader, decodeFrame, encodeFrame, frameContentType, restampFrame } from './frame.ts'
export type { Frame } from './frame.ts'
export { framesContentType, joinFrames, measureInRow } from './frame-row.ts'
export { errorCodes, PilothouseError } from './error-code.ts'
export { findDefinition } from './find-definition.ts'
export {
  canTransition,
  defaultStages,
  endStates,
  isEnded,
  isLive,
  jobKinds,
  jobStates,
  jobTransitions,
  liveStates,
  reservedUids,
  stageStates,
} from './job-state.ts'
export { impactVerdicts } from './impact-verdict.ts'
export { limits } from './limits.ts'
export { formatTopic, parseTopic } from './live.ts'
export { livePath, paths } from './paths.ts'
export { nodeConditions, waitReasons } from './node-condition.ts'
export { proposalStates } from './proposal-state.ts'
export { projectKinds, readProjectPlace } from './project-place.ts'
export type { PlaceFault, ProjectKind, ProjectPlace } from './project-place.ts'
export { listScriptJobs, takeAsked } from './script-jobs.ts'
export type { ScriptArgumentFault, ScriptJob, ScriptJobs } from './script-jobs.ts'
export { isSweep, readSweep } from './script-sweep.ts'
export { joinWords, quoteHydra, quoteWord, splitWords, unquoteHydra } from './script-words.ts'
export { permissions, roleAllows, rolePermissions, roles } from './permission.ts'
export { formatSource, gpuResourceKeys, hostResourceKeys, jobSource, parseSource } from './resource-key.ts'
export { logLevels, logStreams } from './log-level.ts'
export { smoothMax } from './smooth-max.ts'
export { decodeMetricAnswer, metricColumns } from './metric-frame.ts'
export { encodeReport } from './report-frame.ts'
export { imageTypes, sampleKinds } from './sample-kind.ts'
export { placeInTime } from './place-in-time.ts'
export type { ClockPoints } from './place-in-time.ts'
export { placeOnAxis } from './place-on-axis.ts'
export type { AxisPoints } from './place-on-axis.ts'
export { findSearchPlace, insertInSearch, quoteForSearch } from './complete-search-text.ts'
export type { SearchPlace } from './complete-search-text.ts'
export { schedulePhases, scheduleReasons, scheduleTransitions } from './schedule-phase.ts'
export { jobSorts } from './job-sort.ts'
export { budgetActions, budgetPeriods, budgetScopes } from './budget-words.ts'
export { costGroupings } from './cost-words.ts'
export { costAt } from './cost-at.ts'
export { fitsPattern, matchSearchTerms, needsServer } from './match-search-text.ts'
export { findSearchField, parseSearchText } from './parse-search-text.ts'
export { readDuration } from './search-values.ts'
export { isWords, searchFields } from './search-text.ts'
export { tensorChanges } from './tensor-dtype.ts'
export { valueKinds } from './value-kind.ts'
export type { SearchFault, SearchField, SearchTerm } from './search-text.ts'
export { viewPages } from './view-page.ts'
export { toWandbApi, toWandbPage, wandbService, wandbStatuses } from './wandb-status.ts'
export { keyOfAxis, readAxis, toAxis, xAxes } from './x-axis.ts'
