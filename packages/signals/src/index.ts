export { describeReason } from './clusters/describe-reason.ts'
export {
  describeDemand,
  describeLater,
  describeNow,
  describeObstacle,
  describeWish,
  formatGpus,
  summariseStart,
} from './clusters/describe-start.ts'
export { diagnose, isLossKey } from './diagnosis/diagnose.ts'
export type { DiagnosisInput, NonFiniteMetric } from './diagnosis/diagnose.ts'
export {
  formatBytes,
  formatCount,
  formatDuration,
  formatExact,
  formatRate,
  formatRelativeTime,
  formatValue,
} from './format.ts'
export { chooseHeadlineKey, readHeadline, updateHeadline } from './headline.ts'
export type { HeadlineBlock, HeadlineState } from './headline.ts'
export { findWandbRun } from './find-wandb-run.ts'
export type { WandbRunPlace } from './find-wandb-run.ts'
export { classifyLogLevel } from './log-level.ts'
export { isGradientNorm, isHeldOut, metricDirection, rankMetric } from './metric-direction.ts'
export { findPeriod } from './cost/budget-period.ts'
export { forecastBudget, projectCost } from './cost/project-cost.ts'
export { describeCost, formatMoney, formatPrice } from './cost/format-money.ts'
export { priceJob, sumParts } from './cost/price-job.ts'
export type { PricedJob, PricedMachine } from './cost/price-job.ts'
export { layoutTimeline } from './performance/layout-timeline.ts'
export type { TimelinePart, TimelineRow } from './performance/layout-timeline.ts'
export { chooseGoal, listResults } from './performance/list-results.ts'
export type { MetricGoal, MetricResult } from './performance/list-results.ts'
export { isInputWaitKey, isRateKey } from './performance/rate-keys.ts'
export type { ResourceSeries } from './performance/resource-series.ts'
export { summarisePerformance } from './performance/summarise-performance.ts'
export type { OwnMetric, PerformanceInput } from './performance/summarise-performance.ts'
export { describeSilence, isLost, silenceAfterMs } from './silence.ts'
export type { Vigil } from './silence.ts'
export { collapseCarriageReturns, sanitizeForTerminal, stripAnsi } from './terminal-text.ts'
export { readProgress, startProgress, updateProgress } from './progress.ts'
export type { ProgressSample, ProgressState } from './progress.ts'
export { builtInPatterns } from './log-catalogue.ts'
export type { LogFacts, LogPattern } from './log-facts.ts'
export { holdReadings, nothingHeld } from './hold-readings.ts'
export type { HeldReadings, SdkWord, TimedReading } from './hold-readings.ts'
export { readLine, startLogReader } from './log-reader.ts'
export type { LogPoint, LogReaderState, LogReading, LogStage } from './log-reader.ts'
export { parseLogLine, parsedLineLengthMax } from './parse-log-line.ts'
export { combinePatterns, compilePattern } from './user-pattern.ts'
export type { UserPattern } from './user-pattern.ts'
export { compareRecords } from './compare/compare-records.ts'
export type { ComparedRow } from './compare/compare-records.ts'
export { groupJobs, listGroupedResults, listGroupings } from './compare/group-jobs.ts'
export type { JobGroup } from './compare/group-jobs.ts'
export { flattenConfig } from './compare/flatten-config.ts'
export { jobsForCorrelationMin, rankParameters } from './statistics/rank-parameters.ts'
export type { Influence, Parameter } from './statistics/rank-parameters.ts'
export { LinearRegex } from './linear-regex.ts'
export { RegexRefusal } from './regex-program.ts'
export { describeAnomaly, describeCondition } from './alert/describe-rule.ts'
export { isInScope, matchesPattern } from './alert/match-rule.ts'
export { isLastingState, watchEpochs, watchSilence, watchState } from './alert/watch-job.ts'
export type { EpochWatch, JobFacts, StateWatch } from './alert/watch-job.ts'
export { quietWatch, raisedWatch, watchPoints } from './alert/watch-series.ts'
export type { AlertMove, SeriesRule, SeriesWatch, WatchedPoints } from './alert/watch-series.ts'
export type { Trigger } from './alert/trigger.ts'
export type { Figure } from './performance/list-figures.ts'
export { listPerformanceFigures } from './performance/list-figures.ts'
export { listGpuRows, listHostRows } from './performance/list-machines.ts'
export type { MachineRows } from './performance/list-machines.ts'
export {
  listEnvironment,
  listMetricKeys,
  listResultRows,
  listSettings,
  listTimeRows,
  readResult,
} from './compare/compared-rows.ts'
export type { TableRow } from './compare/compared-rows.ts'
export {
  byteSteps,
  chooseYRange,
  durationSteps,
  formatUnit,
  formatX,
  formatXSplits,
  formatYSplits,
  nameAxis,
  wholeSteps,
} from './charts/chart-scale.ts'
export type { ChartUnit, Extent } from './charts/chart-scale.ts'
export { groupKeys, readKey } from './charts/group-keys.ts'
export type { ModelWords } from './charts/model-family.ts'
export type { KeyGroup, KeyRole } from './charts/group-keys.ts'
export { chooseAxes, listDefinedAxes } from './charts/key-axes.ts'
export { dashes, styleMembers, styleOfPlace, styleOfRank } from './charts/line-style.ts'
export type { LineStyle } from './charts/line-style.ts'
export { listResourcePictures, nameResource } from './charts/resource-pictures.ts'
export type { ResourcePicture } from './charts/resource-pictures.ts'
export { measureImpact } from './impact/measure-impact.ts'
export type { ImpactInput } from './impact/measure-impact.ts'
export { advanceSchedule, cancelSchedule, endByChange, waitingSchedule } from './schedule/advance-schedule.ts'
export type { ControlPoint, ScheduleAdvance } from './schedule/advance-schedule.ts'
export { checkSchedule } from './schedule/check-schedule.ts'
export type { ScheduleFault } from './schedule/check-schedule.ts'
export { describeScheduleEnd, describeSchedule } from './schedule/describe-schedule.ts'
export { previewSchedule } from './schedule/preview-schedule.ts'
export type { PreviewAssumptions, PreviewRange, SchedulePreview } from './schedule/preview-schedule.ts'
export { describeChangeByHand, findConflict } from './schedule/schedule-conflict.ts'
export type { RunningSchedule } from './schedule/schedule-conflict.ts'
export { progressAt, roundToParameter, valueAt } from './schedule/schedule-value.ts'
export type { MovingShape, ScheduledParameter, ScheduleMoment, ScheduleOrigin } from './schedule/schedule-value.ts'
export { chooseIntervalMs } from './checkpoints/checkpoint-interval.ts'
export { chooseKept } from './checkpoints/choose-kept.ts'
export type { KeptCandidate, KeptDecision, KeptReason } from './checkpoints/choose-kept.ts'
export { findInstability } from './checkpoints/find-instability.ts'
export type { Instability, WatchedCurve } from './checkpoints/find-instability.ts'
export { recommendCheckpoint } from './checkpoints/recommend-checkpoint.ts'
export type { CheckpointFacts, CheckpointReason, CheckpointRecommendation } from './checkpoints/recommend-checkpoint.ts'
export { describeDirt, describeDistance, describeHead, shortenCommit } from './describe-code.ts'
export { describeUse, formatUsageHours, nameCause } from './usage/describe-usage.ts'
export { fingerprint } from './answers/fingerprint.ts'
export { readAnswer } from './answers/read-answer.ts'
export type { Answer } from './answers/read-answer.ts'
export { readOldAnswer } from './answers/read-old-answer.ts'
export { readRequest } from './answers/read-request.ts'
export { healthLevels } from './health/health.ts'
export type { Health, HealthFacts, HealthLevel } from './health/health.ts'
export { healthProfiles, healthSigns } from './health/health-profile.ts'
export type { HealthProfile } from './health/health-profile.ts'
export { judgeHealth } from './health/judge-health.ts'
export { readHealthProfile } from './health/read-health-profile.ts'
export type { Anomaly } from './anomaly/anomaly.ts'
export { quietAnomalies, resumeAnomalies, watchAnomalies, watchStall } from './anomaly/watch-anomalies.ts'
export type { AnomalyPoints, AnomalyWatch, WatchedAnomalies } from './anomaly/watch-anomalies.ts'
export { readCardHealth } from './health/card-health.ts'
