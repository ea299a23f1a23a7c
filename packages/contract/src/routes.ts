/** The route table: path, method and permission from `paths.ts`, joined with schemas. The server binds one handler to each. */
import { z } from 'zod'
import { linkCreated, linkQuery, session, signIn, tokenCreate, tokenCreated, tokenList, tokenQuery } from './access.ts'
import { alertPage, alertQuery, alertsEdit, alertsEdited } from './alert.ts'
import { alertRule, alertRuleInput, alertRuleList } from './alert-rule.ts'
import {
  channel,
  channelCreate,
  channelCreated,
  channelList,
  channelPatch,
  delivery,
  deliveryPage,
  deliveryQuery,
} from './channel.ts'
import { clusterRoutes } from './cluster-routes.ts'
import { costRoutes } from './cost-routes.ts'
import { compareAnswer, compareQuery, influenceAnswer, influenceQuery } from './compare.ts'
import { diagnosis } from './diagnosis.ts'
import { batchRoutes } from './batch-routes.ts'
import { engineRoutes } from './engine-routes.ts'
import { instanceRoutes } from './instance-routes.ts'
import { health } from './health.ts'
import {
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
} from './job.ts'
import { jobHistory, jobHistoryQuery } from './job-history.ts'
import { importAnswer, importQuery } from './job-import.ts'
import { jobPerformance } from './job-performance.ts'
import { jobStates } from './job-state.ts'
import { jobUid } from './job-uid.ts'
import { logPage, logQuery, logSearchAnswer, logSearchQuery, logTextQuery } from './log.ts'
import { exportFormats } from './export-format.ts'
import { fileRoutes } from './file-routes.ts'
import { latestAnswer, latestMetric, latestQuery, metricAnswer, metricQuery } from './metric.ts'
import { note, noteCreate, notePage, notePatch, noteQuery } from './note.ts'
import type { RouteName } from './paths.ts'
import { approval } from './proposal.ts'
import { report, reportAck, reportAnswers } from './report.ts'
import { rateCard } from './rates.ts'
import {
  deletedJobPage,
  deletedJobsQuery,
  jobDeleteQuery,
  jobsDelete,
  jobsDeleted,
  retention,
  retentionAnswer,
  retentionSetQuery,
} from './retention.ts'
import { launchRoutes } from './launch-routes.ts'
import { projectRoutes } from './project-routes.ts'
import { byId, ofNote, ofUid as uid } from './route-params.ts'
import { servingRoutes } from './serving-routes.ts'
import { sdkInfo } from './sdk.ts'
import { steeringRoutes } from './steering-routes.ts'
import { systemStatus, usagePage, usageQuery } from './system.ts'
import { searchKeysAnswer, searchKeysQuery, searchValuesAnswer, searchValuesQuery } from './search.ts'
import { usageHistory, usageHistoryQuery } from './usage-history.ts'
import { wandbRoutes } from './wandb-routes.ts'
import { workRoutes } from './work-routes.ts'
import { workerLaunchRoutes } from './worker-launch-routes.ts'
import { view, viewCreate, viewList, viewPatch, viewQuery } from './view.ts'
import { sampleKeysAnswer, sampleKeysQuery, samplePage, sampleQuery } from './sample.ts'

export type RouteSchemas = {
  summary: string
  params?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
  /**
   * The body is `multipart/form-data` with one file, read by the handler as it comes: fields beside it, as text. Where there is
   * `body`, too, either is taken.
   */
  form?: z.ZodType
  /** JSON answer; absent = no content, or a stream of another type named in `produces`. */
  response?: z.ZodType
  /** JSON answer with status 202 instead, where an admin has to approve first. */
  accepted?: z.ZodType
  produces?: string
}

const documentQuery = z.object({ download: z.stringbool().default(false) })
const ofJob = z.object({ job: jobUid.optional(), points: metricQuery.shape.points })

export const trainingStatus = z.object({
  uid: z.string(),
  state: z.enum(jobStates),
  stage: z.string().nullable(),
  progress: progress.nullable(),
  heardAt: z.number().nullable(),
  metrics: z.array(latestMetric),
})

export const trainingSummary = z.object({ statistics: jobStatistics, running: z.array(jobCard) })

export const routes = {
  'health.get': {
    summary:
      'Is the server well? Details with a token that may see training, workers and queue with one that may submit batches.',
    response: health,
  },

  'sdk.get': {
    summary: 'The Python SDK that this server gives away, with the line that installs it.',
    response: sdkInfo,
  },
  'sdk.index': { summary: 'Index of Python packages, for «pip install --index-url».', produces: 'text/html' },
  'sdk.project': { summary: 'The versions of the Python SDK in that index: one.', produces: 'text/html' },
  'sdk.wheel': {
    summary: 'The wheel of the Python SDK.',
    params: z.object({ file: z.string() }),
    produces: 'application/zip',
  },

  'access.sign-in': { summary: 'Exchange a one-time code for a session cookie.', body: signIn, response: session },
  'access.sign-out': { summary: 'End the session of the cookie.' },
  'access.session': { summary: 'Who is asking, with which permissions. 401 when nobody.', response: session },
  'access.link': {
    summary: 'Make a one-time link to sign in with, for a role.',
    query: linkQuery,
    response: linkCreated,
  },
  'access.tokens': {
    summary: 'All tokens, newest first, without their secrets.',
    query: tokenQuery,
    response: tokenList,
  },
  'access.create-token': {
    summary: 'Make a token; its secret is shown once.',
    body: tokenCreate,
    response: tokenCreated,
  },
  'access.revoke-token': { summary: 'End a token now.', params: z.object({ id: z.coerce.number().int() }) },

  'system.scrape': { summary: 'Figures as Prometheus reads them.', produces: 'text/plain' },
  'system.get': { summary: 'How the server, its database and its intake are.', response: systemStatus },
  'system.rates': { summary: 'What hours of GPUs and hosts cost. Without rates: nobody knows.', response: rateCard },
  'system.set-rates': {
    summary: 'Say what hours cost. Costs of all jobs, past ones too, are worked out anew by it.',
    body: rateCard,
    response: rateCard,
  },
  'system.retention': { summary: 'What is deleted by itself, and what is due now.', response: retentionAnswer },
  'system.set-retention': {
    summary: 'Say what is deleted by itself. `dryRun` only tells what would be due.',
    query: retentionSetQuery,
    body: retention,
    response: retentionAnswer,
  },
  'system.approval': {
    summary: 'In which projects changes of parameters by people without training:admin wait for an admin.',
    response: approval,
  },
  'system.set-approval': {
    summary: 'Say in which projects such changes wait for an admin. What waits already goes on waiting.',
    body: approval,
    response: approval,
  },
  'system.usage': {
    summary: 'Jobs or projects by the space that they take, largest first.',
    query: usageQuery,
    response: usagePage,
  },

  'jobs.list': { summary: 'All jobs, newest first, with filters and pages.', query: jobQuery, response: jobPage },
  'jobs.current': { summary: 'Jobs that have not ended.', query: jobQuery, response: jobPage },
  'jobs.past': { summary: 'Jobs that have ended.', query: jobQuery, response: jobPage },
  'jobs.statistics': {
    summary: 'Counts, success rate, hours, and what filters can be set to.',
    response: jobStatistics,
  },
  'jobs.get': { summary: 'One job, whole.', params: uid, response: job },
  'jobs.diagnosis': {
    summary: 'Why a job failed: findings with their evidence and what to try, the likeliest first.',
    params: uid,
    response: diagnosis,
  },
  'jobs.performance': {
    summary: 'Where the time of a job and the hardware under it went: timeline, throughput, GPU-hours, use, energy.',
    params: uid,
    response: jobPerformance,
  },
  'jobs.document': {
    summary: 'A job as one HTML file that needs no network and no scripts, for reading, printing and keeping.',
    params: uid,
    query: documentQuery,
    produces: 'text/html',
  },
  'jobs.put': {
    summary: 'Make a job and open an attempt, or adopt what is there. Repeating it changes nothing.',
    params: uid,
    body: jobCreate,
    response: jobCreated,
  },
  'jobs.edit': { summary: 'Change name, tags, notes and other fields.', params: uid, body: jobPatch, response: job },
  'jobs.edit-many': {
    summary: 'Add and remove tags of many jobs, archive them or bring them back.',
    body: jobsEdit,
    response: jobsEdited,
  },
  'jobs.delete': {
    summary: 'Delete a job with everything it reported. It can be restored for a while, unless `now` is true.',
    params: uid,
    query: jobDeleteQuery,
  },
  'jobs.delete-many': {
    summary: 'Delete the jobs that match and have ended; `dryRun` only counts them.',
    body: jobsDelete,
    response: jobsDeleted,
  },
  'jobs.deleted': {
    summary: 'Deleted jobs that can still be restored, the last one first.',
    query: deletedJobsQuery,
    response: deletedJobPage,
  },
  'jobs.restore': { summary: 'Bring a deleted job back with everything it reported.', params: uid, response: job },

  'jobs.import': {
    summary:
      'Take in jobs from a file of another control room, as docs/import.md describes it. Repeating it changes nothing.',
    query: importQuery,
    body: z.unknown(),
    response: importAnswer,
  },

  'telemetry.report': {
    summary: 'Store one numbered report, JSON or binary frame. The answer means it is durable.',
    params: uid,
    body: report,
    response: reportAck,
  },
  'telemetry.report-many': {
    summary:
      'Store several numbered reports, a row of binary frames, in their order and in one commit. Each has its answer; one that is refused does not hold up the others.',
    params: uid,
    body: z.unknown(),
    response: reportAnswers,
  },
  'metrics.query': {
    summary:
      'Series in at most `points` buckets; as JSON, or as a frame with «Accept: application/x-pilothouse-frame».',
    params: uid,
    query: metricQuery,
    response: metricAnswer,
  },
  'metrics.latest': {
    summary: 'The newest value and the extremes of every series.',
    params: uid,
    query: latestQuery,
    response: latestAnswer,
  },
  'metrics.export': {
    summary: 'Every point, in order of arrival, as CSV, NDJSON, JSON or Parquet.',
    params: uid,
    query: metricQuery
      .pick({ key: true, source: true, branch: true })
      .extend({ format: z.enum(exportFormats).default('csv') }),
    produces: 'text/csv',
  },

  'logs.page': { summary: 'Lines by number, or the end of the log.', params: uid, query: logQuery, response: logPage },
  'logs.search': {
    summary: 'Lines that hold a text, have a level or are of a stream.',
    params: uid,
    query: logSearchQuery,
    response: logSearchAnswer,
  },
  'logs.text': {
    summary:
      'The log as plain text: all of it, a range of lines, or the lines that match; byte ranges by the header Range.',
    params: uid,
    query: logTextQuery,
    produces: 'text/plain',
  },

  'samples.keys': {
    summary: 'What samples a job has: keys, kinds, and the steps that have some.',
    params: uid,
    query: sampleKeysQuery,
    response: sampleKeysAnswer,
  },
  'samples.list': {
    summary: 'Samples at a step (or the last before it), or of a range of steps, in pages.',
    params: uid,
    query: sampleQuery,
    response: samplePage,
  },
  'samples.content': {
    summary: 'The content of a sample: an image file, or its body as JSON.',
    params: z.object({ uid: jobUid, id: z.coerce.number().int() }),
    query: z.object({ download: z.stringbool().default(false) }),
    produces: 'application/octet-stream',
  },

  'notes.list': {
    summary: 'Notes on a job and on points of its curves, newest first.',
    params: uid,
    query: noteQuery,
    response: notePage,
  },
  'notes.create': {
    summary: 'Write a note, in Markdown, on a job or on a point of one of its curves.',
    params: uid,
    body: noteCreate,
    response: note,
  },
  'notes.edit': {
    summary: 'Change the text of a note of one’s own; an admin changes any.',
    params: ofNote,
    body: notePatch,
    response: note,
  },
  'notes.delete': {
    summary: 'Delete a note of one’s own; an admin deletes any. It can be restored for an hour.',
    params: ofNote,
  },
  'notes.restore': { summary: 'Bring a deleted note back.', params: ofNote, response: note },

  'compare.get': {
    summary: 'What a comparison of 2 to 50 jobs needs of each. Uids without a job are named in `missing`.',
    query: compareQuery,
    response: compareAnswer,
  },
  'compare.influence': {
    summary:
      'Which settings go with a metric, over the newest 2,000 jobs that match, by their stored values: correlations with their p.',
    query: influenceQuery,
    response: influenceAnswer,
  },
  'compare.document': {
    summary: 'A comparison of 2 to 50 jobs as one HTML file, as GET /api/jobs/{uid}/document makes of one job.',
    query: compareQuery.extend(documentQuery.shape),
    produces: 'text/html',
  },

  'alerts.list': { summary: 'Alerts of jobs, newest first.', query: alertQuery, response: alertPage },
  'alerts.edit-many': {
    summary: 'Acknowledge alerts, resolve them, or take that back.',
    body: alertsEdit,
    response: alertsEdited,
  },
  'alert-rules.list': { summary: 'All alert rules, by name.', response: alertRuleList },
  'alert-rules.create': {
    summary: 'Write a rule. It looks at what is reported from now on.',
    body: alertRuleInput,
    response: alertRule,
  },
  'alert-rules.replace': {
    summary:
      'Change a rule of one’s own; an admin changes any. Its open alerts are resolved when it looks at something else.',
    params: byId,
    body: alertRuleInput,
    response: alertRule,
  },
  'alert-rules.delete': {
    summary: 'Delete a rule of one’s own; an admin deletes any. Its open alerts are resolved.',
    params: byId,
  },
  'channels.list': { summary: 'All channels, by name, without what is secret in them.', response: channelList },
  'channels.create': {
    summary: 'Add a channel. The key that a webhook is signed with is in this answer alone.',
    body: channelCreate,
    response: channelCreated,
  },
  'channels.edit': {
    summary: 'Rename a channel, turn it on or off, or let it lead elsewhere.',
    params: byId,
    body: channelPatch,
    response: channel,
  },
  'channels.delete': { summary: 'Delete a channel with its deliveries. Rules forget it.', params: byId },
  'channels.test': {
    summary: 'Send a test message now. The answer says what came of it.',
    params: byId,
    response: delivery,
  },
  'deliveries.list': {
    summary: 'What was told on channels, newest first.',
    query: deliveryQuery,
    response: deliveryPage,
  },
  'deliveries.repeat': { summary: 'Try a delivery that was given up once more.', params: byId, response: delivery },

  ...clusterRoutes,
  ...engineRoutes,
  ...costRoutes,
  ...instanceRoutes,
  ...servingRoutes,
  ...workerLaunchRoutes,

  'usage.history': {
    summary: 'What became of the jobs of a project or a target, what they took, and what of that they used.',
    query: usageHistoryQuery,
    response: usageHistory,
  },
  'jobs.history': {
    summary: 'Jobs by outcome, hours and durations over a range of time, of the jobs that match.',
    query: jobHistoryQuery,
    response: jobHistory,
  },
  'search.keys': {
    summary: 'Names of metrics, settings and values of summaries that jobs can be searched and sorted by.',
    query: searchKeysQuery,
    response: searchKeysAnswer,
  },
  'search.values': {
    summary: 'Some of these values, of some jobs.',
    query: searchValuesQuery,
    response: searchValuesAnswer,
  },
  'views.list': { summary: 'Saved views: own ones and shared ones, by name.', query: viewQuery, response: viewList },
  'views.create': {
    summary:
      'Keep a page as it stands under a name. To share it takes training:manage; a preset of the launch form launches:create.',
    body: viewCreate,
    response: view,
  },
  'views.edit': {
    summary: 'Rename a view, overwrite it, share it, or make it the one that its page opens with.',
    params: z.object({ id: z.coerce.number().int() }),
    body: viewPatch,
    response: view,
  },
  'views.delete': { summary: 'Delete a view.', params: z.object({ id: z.coerce.number().int() }) },

  ...projectRoutes,
  ...launchRoutes,
  ...wandbRoutes,
  ...fileRoutes,
  ...batchRoutes,
  ...workRoutes,

  'training.losses': {
    summary: 'Training and validation loss of a job, else of the newest running one.',
    query: ofJob,
    response: metricAnswer,
  },
  'training.resources': {
    summary: 'Host and GPU series of a job, else of the newest running one.',
    query: ofJob,
    response: metricAnswer,
  },
  'training.status': { summary: 'State, stage, progress and current values.', params: uid, response: trainingStatus },
  'training.summary': { summary: 'Statistics and what is running.', response: trainingSummary },
  'admin.metrics': {
    summary: 'The same as GET /api/jobs/{uid}/metrics.',
    params: uid,
    query: metricQuery,
    response: metricAnswer,
  },
  'admin.latest': {
    summary: 'The same as GET /api/jobs/{uid}/metrics/latest.',
    params: uid,
    query: latestQuery,
    response: latestAnswer,
  },
  ...steeringRoutes,
} as const satisfies Record<RouteName, RouteSchemas>

type Part<Name extends RouteName, Key extends keyof RouteSchemas> =
  (typeof routes)[Name] extends Record<Key, infer Schema> ? Schema : undefined
type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined

/** What a handler gets, after parsing. */
export type RouteRequest<Name extends RouteName> = {
  params: Output<Part<Name, 'params'>>
  query: Output<Part<Name, 'query'>>
  body: Output<Part<Name, 'body'>>
}
/** What a caller gives, before parsing. Path parameters are text. */
export type RouteCall<Name extends RouteName> = {
  params: Input<Part<Name, 'params'>>
  query: Input<Part<Name, 'query'>>
  body: Input<Part<Name, 'body'>>
}
/** What the route answers with. */
export type RouteAnswer<Name extends RouteName> =
  | Output<Part<Name, 'response'>>
  | ((typeof routes)[Name] extends { accepted: infer Schema extends z.ZodType } ? z.output<Schema> : never)
