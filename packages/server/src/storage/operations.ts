/** Everything that can be asked of the storage thread, by name. */
import { accessOperations } from '../access/access-operations.ts'
import { createAlertRule, deleteAlertRule, listAlertRules, replaceAlertRule } from '../alerts/alert-rules.ts'
import { editAlerts, listAlerts } from '../alerts/alerts.ts'
import { createChannel, deleteChannel, editChannel, getChannel, listChannels } from '../channels/channels.ts'
import {
  getDelivery,
  listDeliveries,
  listDueDeliveries,
  queueTest,
  repeatDelivery,
  settleDeliveries,
} from '../channels/deliveries.ts'
import {
  createCheckpoint,
  deleteCheckpoint,
  editCheckpoint,
  restoreCheckpoint,
  startRollback,
} from '../checkpoints/change-checkpoints.ts'
import { adviseCheckpoint } from '../checkpoints/advise-checkpoint.ts'
import { getPolicy, setPolicy } from '../checkpoints/keep-policy.ts'
import { findLook, listDueLooks, noteLook } from '../checkpoints/look-operations.ts'
import { getCheckpoint, listCheckpoints, locateCheckpoint } from '../checkpoints/read-checkpoints.ts'
import {
  askCopy,
  clearCopy,
  deleteCopy,
  findOwnCopy,
  findWholeCopy,
  forgetCopy,
  listCopies,
  listDueCopies,
  locateForCopy,
  moveCopy,
} from '../copies/copies.ts'
import { batchOperations, batchReads } from '../batches/batch-operations.ts'
import { engineOperations, engineReads } from '../engines/engine-operations.ts'
import { accountOperations, accountReads } from '../instances/account-operations.ts'
import { instanceOperations, instanceReads } from '../instances/instance-operations.ts'
import { instanceLogOperations, instanceLogReads } from '../instances/log-operations.ts'
import { getRelaunch } from '../checkpoints/plan-relaunch.ts'
import { orderJob } from '../commands/give-command.ts'
import { listCommands } from '../commands/read-commands.ts'
import { takeCommands } from '../commands/take-commands.ts'
import { listChanges, listParameters } from '../parameters/read-parameters.ts'
import { setParameter } from '../parameters/set-parameter.ts'
import { measureChange } from '../impact/measure-change.ts'
import { getApproval, setApproval } from '../proposals/approval-setting.ts'
import { launchOperations, launchReads } from '../launches/launch-operations.ts'
import { projectOperations, projectReads } from '../projects/project-operations.ts'
import { approveProposal, declineProposal, withdrawProposal } from '../proposals/decide-proposal.ts'
import { listProposals } from '../proposals/read-proposals.ts'
import { applyPreset, createPreset, deletePreset, listPresets } from '../presets/presets.ts'
import { cancelSchedule, createSchedule, listSchedules } from '../schedules/schedules.ts'
import { compareJob } from '../compare/compare-job.ts'
import { chooseJobs, countKeys, readColumns } from '../compare/selected-values.ts'
import { costOperations, costReads } from '../costs/budget-operations.ts'
import { fileOperations, fileReads } from '../files/file-operations.ts'
import { diagnoseJob } from '../diagnosis/diagnose-job.ts'
import { deleteJob } from '../jobs/delete-job.ts'
import { countDeletable, deleteSomeJobs } from '../jobs/delete-jobs.ts'
import { editJob } from '../jobs/edit-job.ts'
import { editSomeJobs } from '../jobs/edit-jobs.ts'
import { getJob } from '../jobs/get-job.ts'
import { getJobHistory } from '../jobs/get-job-history.ts'
import { getStatistics } from '../jobs/get-statistics.ts'
import { listDeletedJobs } from '../jobs/list-deleted-jobs.ts'
import { listJobs } from '../jobs/list-jobs.ts'
import { putJob } from '../jobs/put-job.ts'
import { restoreJob } from '../jobs/restore-job.ts'
import { importJob } from '../imports/import-job.ts'
import { measurePerformance } from '../performance/measure-performance.ts'
import { hasJob } from '../live/has-job.ts'
import { getLogPage } from '../logs/get-log-page.ts'
import { readMatchingText } from '../logs/read-matching-text.ts'
import { measureLogText, readLogText } from '../logs/read-log-text.ts'
import { searchLog } from '../logs/search-log.ts'
import { listSampleKeys, listSamples, readSampleContent } from '../samples/read-samples.ts'
import { createNote, deleteNote, editNote, restoreNote } from '../notes/change-notes.ts'
import { listNotes } from '../notes/read-notes.ts'
import { getUsageHistory } from '../records/get-usage-history.ts'
import { getRates, setRates } from '../rates/rate-operations.ts'
import { getRetention, setRetention } from '../retention/retention-operations.ts'
import { appendReport, appendReports } from '../telemetry/append-reports.ts'
import { exportMetrics, exportRuns } from '../telemetry/export-metrics.ts'
import { getLatest } from '../telemetry/get-latest.ts'
import { queryMetrics } from '../telemetry/query-metrics.ts'
import { getTrainingStatus, getTrainingSummary, queryLosses, queryResources } from '../telemetry/training-operations.ts'
import { getStorageFigures } from '../system/get-storage-figures.ts'
import { listUsage } from '../system/list-usage.ts'
import { workOperations, workReads } from '../work/work-operations.ts'
import { listSearchKeys, readSearchValues } from '../search/search-values.ts'
import { wandbKeyOperations } from '../wandb/wandb-keys.ts'
import { wandbRunOperations } from '../wandb/wandb-runs.ts'
import { servingOperations, servingReads } from '../servings/serving-operations.ts'
import { workerOperations, workerReads } from '../workers/worker-operations.ts'
import { createView, deleteView, editView, listViews } from '../views/views.ts'
import { getStatus } from './get-status.ts'
import type { Operation } from './operation.ts'

export const operations = {
  ...accessOperations,
  ...projectOperations,
  ...launchOperations,
  ...batchOperations,
  ...fileOperations,
  ...costOperations,
  ...wandbKeyOperations,
  ...wandbRunOperations,
  ...engineOperations,
  ...accountOperations,
  ...instanceOperations,
  ...instanceLogOperations,
  ...workOperations,
  ...servingOperations,
  ...workerOperations,
  'alerts.edit': editAlerts,
  'alerts.list': listAlerts,
  'alert-rules.create': createAlertRule,
  'alert-rules.delete': deleteAlertRule,
  'alert-rules.list': listAlertRules,
  'alert-rules.replace': replaceAlertRule,
  'approval.get': getApproval,
  'approval.set': setApproval,
  'channels.create': createChannel,
  'channels.delete': deleteChannel,
  'channels.edit': editChannel,
  'channels.get': getChannel,
  'channels.list': listChannels,
  'deliveries.due': listDueDeliveries,
  'deliveries.get': getDelivery,
  'deliveries.list': listDeliveries,
  'deliveries.queue-test': queueTest,
  'deliveries.repeat': repeatDelivery,
  'deliveries.settle': settleDeliveries,
  'checkpoints.advice': adviseCheckpoint,
  'checkpoints.create': createCheckpoint,
  'checkpoints.delete': deleteCheckpoint,
  'checkpoints.edit': editCheckpoint,
  'checkpoints.due-looks': listDueLooks,
  'checkpoints.find-look': findLook,
  'checkpoints.get': getCheckpoint,
  'checkpoints.list': listCheckpoints,
  'checkpoints.locate': locateCheckpoint,
  'checkpoints.note-look': noteLook,
  'checkpoints.policy': getPolicy,
  'checkpoints.relaunch': getRelaunch,
  'checkpoints.restore': restoreCheckpoint,
  'checkpoints.rollback': startRollback,
  'checkpoints.set-policy': setPolicy,
  'copies.ask': askCopy,
  'copies.clear': clearCopy,
  'copies.delete': deleteCopy,
  'copies.due': listDueCopies,
  'copies.find': findWholeCopy,
  'copies.find-own': findOwnCopy,
  'copies.forget': forgetCopy,
  'copies.list': listCopies,
  'copies.locate': locateForCopy,
  'copies.move': moveCopy,
  'commands.list': listCommands,
  'commands.order': orderJob,
  'commands.take': takeCommands,
  'compare.choose': chooseJobs,
  'compare.job': compareJob,
  'compare.keys': countKeys,
  'compare.values': readColumns,
  'jobs.count-deletable': countDeletable,
  'jobs.delete': deleteJob,
  'jobs.delete-some': deleteSomeJobs,
  'jobs.deleted': listDeletedJobs,
  'jobs.diagnosis': diagnoseJob,
  'jobs.edit': editJob,
  'jobs.edit-some': editSomeJobs,
  'jobs.get': getJob,
  'jobs.history': getJobHistory,
  'jobs.import': importJob,
  'jobs.list': listJobs,
  'jobs.performance': measurePerformance,
  'jobs.put': putJob,
  'jobs.restore': restoreJob,
  'jobs.statistics': getStatistics,
  'live.has-job': hasJob,
  'logs.matching-text': readMatchingText,
  'logs.measure': measureLogText,
  'logs.page': getLogPage,
  'logs.search': searchLog,
  'logs.text': readLogText,
  'metrics.export': exportMetrics,
  'metrics.export-runs': exportRuns,
  'metrics.latest': getLatest,
  'metrics.query': queryMetrics,
  'notes.create': createNote,
  'notes.delete': deleteNote,
  'notes.edit': editNote,
  'notes.list': listNotes,
  'notes.restore': restoreNote,
  'parameters.changes': listChanges,
  'parameters.impact': measureChange,
  'parameters.list': listParameters,
  'parameters.set': setParameter,
  'presets.apply': applyPreset,
  'presets.create': createPreset,
  'presets.delete': deletePreset,
  'presets.list': listPresets,
  'proposals.approve': approveProposal,
  'proposals.decline': declineProposal,
  'proposals.list': listProposals,
  'proposals.withdraw': withdrawProposal,
  'samples.content': readSampleContent,
  'samples.keys': listSampleKeys,
  'samples.list': listSamples,
  'rates.get': getRates,
  'rates.set': setRates,
  'retention.get': getRetention,
  'retention.set': setRetention,
  'schedules.cancel': cancelSchedule,
  'schedules.create': createSchedule,
  'schedules.list': listSchedules,
  'search.keys': listSearchKeys,
  'search.values': readSearchValues,
  'storage.status': getStatus,
  'system.figures': getStorageFigures,
  'system.usage': listUsage,
  /** Taken together with the others that wait, in one commit (operation-queue.ts). */
  'telemetry.append': appendReport,
  'telemetry.append-many': appendReports,
  'training.losses': queryLosses,
  'training.resources': queryResources,
  'training.status': getTrainingStatus,
  'training.summary': getTrainingSummary,
  'usage.history': getUsageHistory,
  'views.create': createView,
  'views.delete': deleteView,
  'views.edit': editView,
  'views.list': listViews,
}

export type OperationName = keyof typeof operations

/** Operations that change nothing and acknowledge nothing: their answers need not wait for the disk. */
export const reads: ReadonlySet<OperationName> = new Set<OperationName>([
  ...projectReads,
  ...launchReads,
  ...engineReads,
  ...accountReads,
  ...instanceReads,
  ...instanceLogReads,
  ...batchReads,
  ...servingReads,
  ...workerReads,
  ...fileReads,
  ...costReads,
  ...workReads,
  'access.count-members',
  'access.find-token',
  'alerts.list',
  'alert-rules.list',
  'approval.get',
  'channels.get',
  'channels.list',
  'deliveries.due',
  'deliveries.get',
  'deliveries.list',
  'checkpoints.advice',
  'checkpoints.due-looks',
  'checkpoints.find-look',
  'checkpoints.get',
  'checkpoints.list',
  'checkpoints.locate',
  'checkpoints.policy',
  'checkpoints.relaunch',
  'copies.due',
  'copies.find',
  'copies.find-own',
  'copies.list',
  'copies.locate',
  'commands.list',
  'compare.choose',
  'compare.job',
  'compare.keys',
  'compare.values',
  'jobs.count-deletable',
  'jobs.deleted',
  'jobs.diagnosis',
  'jobs.get',
  'jobs.history',
  'jobs.list',
  'jobs.performance',
  'jobs.statistics',
  'live.has-job',
  'logs.matching-text',
  'logs.measure',
  'logs.page',
  'logs.search',
  'logs.text',
  'metrics.export',
  'metrics.export-runs',
  'metrics.latest',
  'metrics.query',
  'notes.list',
  'parameters.changes',
  'parameters.impact',
  'parameters.list',
  'presets.list',
  'proposals.list',
  'samples.content',
  'samples.keys',
  'samples.list',
  'rates.get',
  'retention.get',
  'schedules.list',
  'search.keys',
  'search.values',
  'storage.status',
  'system.figures',
  'system.usage',
  'training.losses',
  'training.resources',
  'training.status',
  'training.summary',
  'usage.history',
  'views.list',
  'wandb.due',
  'wandb.list-keys',
])

export type OperationInput<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer Input, infer _Output> ? Input : never
export type OperationOutput<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer _Input, infer Output> ? Output : never
