export * from './door-batches.ts'
export * from './door-rented.ts'
export type { HealthProfile } from './health-profile.ts'
export { linkCreated, session, signIn, tokenCreate, tokenCreated, tokenInfo, tokenList, tokenQuery } from './access.ts'
export type { LinkCreated, Session, TokenCreate, TokenInfo } from './access.ts'
export { alert, alertEvent, alertPage, alertQuery, alertsEdit, alertsEdited, openAlerts } from './alert.ts'
export type { Alert, AlertEvent, AlertPage, AlertQuery, AlertsEdit } from './alert.ts'
export { alertCondition, alertRule, alertRuleInput, alertRuleList, alertScope } from './alert-rule.ts'
export type { AlertCondition, AlertRule, AlertRuleInput, AlertScope } from './alert-rule.ts'
export { alertStatuses, alertTransitions } from './alert-status.ts'
export type { AlertStatus } from './alert-status.ts'
export {
  channel,
  channelCreate,
  channelCreated,
  channelList,
  channelPatch,
  delivery,
  deliveryPage,
  deliveryQuery,
} from './channel.ts'
export type { Channel, ChannelCreate, ChannelPatch, Delivery, DeliveryQuery } from './channel.ts'
export { channelKinds, deliveryEvents, deliveryStatuses } from './channel-kind.ts'
export type { ChannelKind, DeliveryEvent, DeliveryStatus } from './channel-kind.ts'
export type { AnomalyKind, ConditionKind, WatchedState } from './alert-condition.ts'
export { alertLevels } from './alert-level.ts'
export type { AlertLevel } from './alert-level.ts'
export { artifact, artifactEvent, artifactFile } from './artifact.ts'
export type { Artifact, ArtifactEvent, ArtifactFile } from './artifact.ts'
export { artifactDirections, artifactKinds } from './artifact-kind.ts'
export type { ArtifactDirection, ArtifactKind } from './artifact-kind.ts'
export { checkParameter } from './check-parameter.ts'
export type { ParameterFault } from './check-parameter.ts'
export {
  checkpoint,
  checkpointCreate,
  checkpointEvent,
  checkpointFate,
  checkpointList,
  checkpointPatch,
  rollbackStart,
} from './checkpoint.ts'
export type {
  Checkpoint,
  CheckpointCreate,
  CheckpointEvent,
  CheckpointFate,
  CheckpointList,
  CheckpointPatch,
  RelaunchPlan,
  RollbackStart,
} from './checkpoint.ts'
export { copyManifest, copyReceipt } from './checkpoint-copy.ts'
export type { CheckpointCopy, CopyList, CopyManifest, CopyReceipt } from './checkpoint-copy.ts'
export type { CopyState } from './copy-state.ts'
export { checkpointPolicy } from './checkpoint-policy.ts'
export type { CheckpointAdvice, CheckpointPolicy, PolicyAnswer } from './checkpoint-policy.ts'
export { checkpointKinds, checkpointStates } from './checkpoint-kind.ts'
export type { CheckpointKind, CheckpointState } from './checkpoint-kind.ts'
export { command, commandPage, commandQuery, commandTaken, controls, order, scheduleCreate } from './command.ts'
export type {
  Command,
  CommandPage,
  CommandTaken,
  Controls,
  ForkEvent,
  JobSchedule,
  Order,
  OutcomeEvent,
  ScheduleCreate,
  ScheduleEvent,
  ScheduleList,
} from './command.ts'
export { canMoveCommand, commandKinds, commandStates, isOpenCommand, openCommandStates } from './command-state.ts'
export type { CommandKind, CommandState } from './command-state.ts'
export { decodeReportFrame, decodeReportJson, parseOrRefuse } from './decode-report.ts'
export { diagnosis, evidence, finding } from './diagnosis.ts'
export type { Diagnosis, Evidence, Finding } from './diagnosis.ts'
export { impact } from './impact.ts'
export type { Impact, ImpactDifference } from './impact.ts'
export { impactVerdicts } from './impact-verdict.ts'
export type { ImpactVerdict } from './impact-verdict.ts'
export {
  clusterAvailability,
  clusterEnvironment,
  clusterKinds,
  clusterList,
  clusterName,
  clusterPartitions,
  clusterSettings,
  clustersFile,
  clusterStart,
  clusterStatus,
  connectionSteps,
  connectionTest,
  hostKeyChoice,
  hostKeys,
} from './cluster.ts'
export type {
  ClusterAvailability,
  ClusterCard,
  ClusterFault,
  ClusterList,
  ClusterPartitions,
  ClusterSettings,
  ClusterStart,
  ClusterStatus,
  ClusterTrouble,
  ConnectionStep,
  ConnectionTest,
  HostKeyChoice,
  HostKeys,
  HostSettings,
  TimedStart,
} from './cluster.ts'
export { clustersText, clustersTextChange, clustersTextCheck, clustersTextDraft } from './clusters-text.ts'
export type { ClustersText, ClustersTextChange, ClustersTextCheck } from './clusters-text.ts'
export { connection, connectionAnswer } from './connection.ts'
export type { Connection, ConnectionAnswer } from './connection.ts'
export { errorCodes, PilothouseError } from './error-code.ts'
export type { ErrorBody, ErrorCode } from './error-code.ts'
export { ColumnReader, decodeFrame, encodeFrame, frameContentType } from './frame.ts'
export type { Frame } from './frame.ts'
export { framesContentType, joinFrames, measureInRow, splitFrames } from './frame-row.ts'
export {
  clusterNode,
  clusterPartition,
  gpuAvailability,
  partitionList,
  startAnswer,
  startQuery,
} from './gpu-availability.ts'
export type {
  ClusterAccount,
  ClusterNode,
  ClusterPartition,
  GpuAvailability,
  GpuCounts,
  GpuDemand,
  GpuTypeRow,
  PartitionList,
  StartAnswer,
  StartObstacle,
  StartQuery,
} from './gpu-availability.ts'
export { health } from './health.ts'
export type { Health } from './health.ts'
export {
  attempt,
  branch,
  configObject,
  hardware,
  headline,
  job,
  jobCard,
  jobCreate,
  jobCreated,
  jobPage,
  jobPatch,
  jobQuery,
  jobsEdit,
  jobsEdited,
  jobStatistics,
  progress,
  recipe,
  stage,
} from './job.ts'
export type {
  Attempt,
  Branch,
  Hardware,
  Headline,
  Job,
  JobCard,
  JobCreate,
  JobCreated,
  JobPage,
  JobPatch,
  JobQuery,
  JobsEdit,
  JobsEdited,
  JobStatistics,
  Progress,
  Recipe,
  Stage,
} from './job.ts'
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
export type { JobKind, JobState, StageState } from './job-state.ts'
export { gpuFigures, hostFigures, jobPerformance, resourceHint, timedAttempt } from './job-performance.ts'
export type { GpuFigures, HostFigures, JobPerformance, ResourceHint, Spread, TimedAttempt } from './job-performance.ts'
export { isNear } from './is-near.ts'
export { jobUid } from './job-uid.ts'
export { importAnswer, importOutcomes, importProblem, importQuery, importedJob } from './job-import.ts'
export type { ImportAnswer, ImportOutcome, ImportProblem, ImportedJob } from './job-import.ts'
export { formatImportPlace, listImportEntries } from './list-import-entries.ts'
export type { ImportEntry, ImportList } from './list-import-entries.ts'
export { limits } from './limits.ts'
export { formatTopic, parseTopic } from './live.ts'
export type {
  AlertsEvent,
  ClientMessage,
  GlobalTopic,
  JobsEvent,
  LogsEvent,
  MetricsEvent,
  NotesEvent,
  SamplesEvent,
  ServerMessage,
  SteeringChange,
  Topic,
  TopicKind,
  WireValue,
} from './live.ts'
export { logLine, logPage, logQuery, logSearchAnswer, logSearchQuery, logTextQuery } from './log.ts'
export type { LogLine, LogPage, LogQuery, LogSearchAnswer, LogSearchQuery, LogTextQuery } from './log.ts'
export { logLevels, logStreams } from './log-level.ts'
export type { LogLevel, LogStream } from './log-level.ts'
export {
  compareAnswer,
  comparedJob,
  comparedMetric,
  comparedResource,
  compareQuery,
  configValue,
  flatConfig,
  influence,
  influenceAnswer,
  influenceQuery,
} from './compare.ts'
export type {
  CompareAnswer,
  ComparedJob,
  ComparedMetric,
  ComparedResource,
  CompareQuery,
  ConfigValue,
  FlatConfig,
  InfluenceAnswer,
  InfluenceQuery,
} from './compare.ts'
export { latestAnswer, latestMetric, latestQuery, metricAnswer, metricQuery, metricSeries } from './metric.ts'
export type { LatestAnswer, LatestMetric, MetricAnswer, MetricQuery, MetricSeries, Smoothing } from './metric.ts'
export { exportFormats } from './export-format.ts'
export type { ExportFormat } from './export-format.ts'
export { smoothMax } from './smooth-max.ts'
export { findDefinition } from './find-definition.ts'
export { metricDefinition, metricGoals, summaryKinds } from './metric-definition.ts'
export type { MetricDefinition } from './metric-definition.ts'
export { decodeMetricAnswer, encodeMetricAnswer, metricColumns } from './metric-frame.ts'
export type { MetricColumn } from './metric-frame.ts'
export { nodeConditions, waitReasons } from './node-condition.ts'
export type { NodeCondition, WaitReason } from './node-condition.ts'
export { newNoteSubject, note, noteAxes, noteCreate, notePage, notePatch, noteQuery, noteSubject } from './note.ts'
export type { Note, NoteCreate, NotePage, NoteQuery, NoteSubject } from './note.ts'
export {
  changePage,
  changeQuery,
  parameter,
  parameterChange,
  parameterDeclaration,
  parameterList,
  impactQuery,
  presetCreate,
  presetQuery,
} from './parameter.ts'
export type {
  ChangeEvent,
  ChangePage,
  Parameter,
  ParameterChange,
  ParameterDeclaration,
  ParameterList,
  ParameterSet,
  ParameterValue,
  Preset,
  PresetCreate,
} from './parameter.ts'
export { parameterTypes } from './parameter-type.ts'
export type { ParameterType } from './parameter-type.ts'
export { livePath, paths } from './paths.ts'
export type { Method, RouteName, RoutePath } from './paths.ts'
export { codeFacts, project, projectCreate, projectList, projectQuery } from './project.ts'
export type { CodeFacts, Project, ProjectCreate, ProjectList } from './project.ts'
export {
  launch,
  launchCode,
  launchCreate,
  launched,
  launchOrders,
  launchPlan,
  launchProblem,
  launchResources,
  launchSpec,
  launchStates,
  launchStep,
  launchSteps,
  targetKinds,
  targetList,
  templateVariables,
} from './launch.ts'
export type {
  Launch,
  LaunchCode,
  LaunchCreate,
  Launched,
  LaunchOrder,
  LaunchPlan,
  LaunchProblem,
  LaunchResources,
  LaunchSpec,
  LaunchSpecInput,
  LaunchState,
  LaunchStep,
  LaunchStepName,
  LaunchTarget,
  TargetKind,
} from './launch.ts'
export { launchPreset } from './launch-preset.ts'
export type { LaunchPreset, LaunchPresetInput } from './launch-preset.ts'
export { joinWords, splitWords } from './script-words.ts'
export { scriptDescription } from './script-config.ts'
export type {
  HydraConfig,
  ScriptArguments,
  ScriptChoices,
  ScriptDescribe,
  ScriptDescription,
  ScriptField,
  ScriptGroup,
  ScriptOverride,
} from './script-config.ts'
export { listScriptJobs, takeAsked } from './script-jobs.ts'
export type { ScriptArgumentFault, ScriptJob, ScriptJobs, ScriptShape } from './script-jobs.ts'
export { projectKinds, readProjectPlace } from './project-place.ts'
export type { GitScheme, PlaceFault, ProjectKind, ProjectPlace } from './project-place.ts'
export { permissions, roleAllows, rolePermissions, roles } from './permission.ts'
export type { Permission, Role } from './permission.ts'
export { approval, proposalApprove, proposalDecline } from './proposal.ts'
export type { Approval, Proposal, ProposalList, Proposed, ProposedChange } from './proposal.ts'
export { proposalStates, proposalTransitions } from './proposal-state.ts'
export type { ProposalState } from './proposal-state.ts'
export {
  jobError,
  logBlock,
  pointBlock,
  pointBlockHeader,
  report,
  reportAck,
  reportAnswers,
  reportEnvelope,
  reportRoles,
  stageEvent,
  stateEvent,
  steeringEvent,
  wireNumber,
} from './report.ts'
export type {
  JobError,
  LogBlock,
  PointBlock,
  PointBlockHeader,
  Report,
  ReportAck,
  ReportAnswers,
  ReportRole,
  StageEvent,
  StateEvent,
  SteeringEvent,
} from './report.ts'
export { encodeReport } from './report-frame.ts'
export type { ReportInput } from './report-frame.ts'
export { formatSource, gpuResourceKeys, hostResourceKeys, jobSource, parseSource } from './resource-key.ts'
export type { GpuResourceKey, HostResourceKey, Source } from './resource-key.ts'
export { routes, trainingStatus, trainingSummary } from './routes.ts'
export type { RouteAnswer, RouteCall, RouteRequest, RouteSchemas } from './routes.ts'
export {
  deletedJobPage,
  deletedJobsQuery,
  jobDeleteQuery,
  jobsDelete,
  jobsDeleted,
  retention,
  retentionAnswer,
  retentionRule,
  retentionSetQuery,
} from './retention.ts'
export type { DeletedJobPage, JobsDelete, JobsDeleted, Retention, RetentionAnswer, RetentionRule } from './retention.ts'
export { cardCost, costPart, jobCost, rate, rateCard } from './rates.ts'
export type { CardCost, CostPart, JobCost, Rate, RateCard, RateCardInput } from './rates.ts'
export { schedule, scheduleCondition, scheduleShape, scheduleSpan, scheduleStart, scheduleState } from './schedule.ts'
export type {
  Schedule,
  ScheduleCondition,
  ScheduleShape,
  ScheduleSpan,
  ScheduleStart,
  ScheduleState,
} from './schedule.ts'
export { schedulePhases, scheduleReasons, scheduleTransitions } from './schedule-phase.ts'
export type { SchedulePhase, ScheduleReason } from './schedule-phase.ts'
export { sdkInfo } from './sdk.ts'
export type { SdkInfo } from './sdk.ts'
export { systemStatus, usagePage, usageQuery } from './system.ts'
export type { SystemStatus, UsagePage, UsageQuery } from './system.ts'
export {
  histogramBody,
  sample,
  sampleCount,
  sampleEvent,
  sampleKey,
  sampleKeysAnswer,
  sampleKeysQuery,
  samplePage,
  sampleQuery,
  tableBody,
  textBody,
} from './sample.ts'
export type {
  HistogramBody,
  Sample,
  SampleCount,
  SampleEvent,
  SampleKey,
  SampleKeysAnswer,
  SampleKeysQuery,
  SamplePage,
  SampleQuery,
  SampleScalar,
  TableBody,
  TextBody,
} from './sample.ts'
export { jobHistory, jobHistoryQuery } from './job-history.ts'
export type { JobHistory, JobHistoryQuery } from './job-history.ts'
export { jobSorts } from './job-sort.ts'
export { parseSearchText } from './parse-search-text.ts'
export { searchKeysAnswer, searchKeysQuery, searchValuesAnswer, searchValuesQuery, valueName } from './search.ts'
export type { SearchKeysAnswer, SearchValuesAnswer, ValueName } from './search.ts'
export { searchFields } from './search-text.ts'
export { tensorChanges, tensorDtypes } from './tensor-dtype.ts'
export type { TensorChange, TensorDtype } from './tensor-dtype.ts'
export {
  checkpointComparison,
  checkpointFile,
  checkpointFormats,
  checkpointSummary,
  checkpointVerification,
  comparedLayer,
  comparedTensor,
  fileStates,
  storedValue,
  suspiciousGlobal,
  tensorSummary,
  verifiedFile,
} from './tensor-summary.ts'
export type {
  CheckpointComparison,
  CheckpointFile,
  CheckpointSummary,
  CheckpointVerification,
  ComparedLayer,
  ComparedTensor,
  FileState,
  StoredValue,
  SuspiciousGlobal,
  TensorSummary,
  VerifiedFile,
} from './tensor-summary.ts'
export { valueKinds } from './value-kind.ts'
export type { ValueKind } from './value-kind.ts'
export type { SearchCondition, SearchFault, SearchTerm, SearchText } from './search-text.ts'
export { usageHistory, usageHistoryQuery } from './usage-history.ts'
export type { UsageGroup, UsageHistory, UsageHistoryQuery } from './usage-history.ts'
export { reportKey } from './report-key.ts'
export type { WandbKey, WandbKeyList, WandbKeySet, WandbRun, WandbServer } from './wandb.ts'
export { toWandbApi, toWandbPage, wandbService, wandbStatuses, type WandbStatus } from './wandb-status.ts'
export { view, viewCreate, viewList, viewPatch, viewQuery } from './view.ts'
export type { View, ViewCreate, ViewPatch } from './view.ts'
export { viewPages } from './view-page.ts'
export type { ViewPage } from './view-page.ts'
export { imageTypes, sampleKinds } from './sample-kind.ts'
export type { ImageType, SampleKind } from './sample-kind.ts'
export { placeInTime } from './place-in-time.ts'
export type { ClockPoints } from './place-in-time.ts'
export { placeOnAxis } from './place-on-axis.ts'
export type { AxisPoints } from './place-on-axis.ts'
export { keyOfAxis, readAxis, toAxis, xAxes } from './x-axis.ts'
export type { MetricAxis, XAxis } from './x-axis.ts'
