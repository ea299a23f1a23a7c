/**
 * The route table without schemas: what the page, the terminal and the SDK's documentation need to call the server.
 * `routes.ts` adds the schemas. `public` is for what must work before anybody is known.
 */
import type { Permission } from './permission.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type RoutePath = { method: Method; path: string; permission: Permission | 'public' }

export const paths = {
  'health.get': { method: 'GET', path: '/health', permission: 'public' },

  'sdk.get': { method: 'GET', path: '/api/sdk', permission: 'public' },
  'sdk.index': { method: 'GET', path: '/sdk', permission: 'public' },
  'sdk.project': { method: 'GET', path: '/sdk/pilothouse', permission: 'public' },
  'sdk.wheel': { method: 'GET', path: '/sdk/:file', permission: 'public' },

  'access.sign-in': { method: 'POST', path: '/api/access/sign-in', permission: 'public' },
  'access.sign-out': { method: 'POST', path: '/api/access/sign-out', permission: 'public' },
  'access.session': { method: 'GET', path: '/api/access/session', permission: 'public' },
  'access.link': { method: 'POST', path: '/api/access/links', permission: 'access:manage' },
  'access.tokens': { method: 'GET', path: '/api/access/tokens', permission: 'access:manage' },
  'access.create-token': { method: 'POST', path: '/api/access/tokens', permission: 'access:manage' },
  'access.revoke-token': { method: 'DELETE', path: '/api/access/tokens/:id', permission: 'access:manage' },

  'system.get': { method: 'GET', path: '/api/system', permission: 'system:manage' },
  'system.rates': { method: 'GET', path: '/api/system/rates', permission: 'system:manage' },
  'system.set-rates': { method: 'PUT', path: '/api/system/rates', permission: 'system:manage' },
  'system.retention': { method: 'GET', path: '/api/system/retention', permission: 'system:manage' },
  'system.set-retention': { method: 'PUT', path: '/api/system/retention', permission: 'system:manage' },
  'system.approval': { method: 'GET', path: '/api/system/approval', permission: 'system:manage' },
  'system.set-approval': { method: 'PUT', path: '/api/system/approval', permission: 'system:manage' },
  'system.usage': { method: 'GET', path: '/api/system/usage', permission: 'system:manage' },

  'jobs.list': { method: 'GET', path: '/api/jobs', permission: 'training:view' },
  'jobs.current': { method: 'GET', path: '/api/jobs/current', permission: 'training:view' },
  'jobs.past': { method: 'GET', path: '/api/jobs/past', permission: 'training:view' },
  'jobs.statistics': { method: 'GET', path: '/api/jobs/statistics', permission: 'training:view' },
  'jobs.get': { method: 'GET', path: '/api/jobs/:uid', permission: 'training:view' },
  'jobs.diagnosis': { method: 'GET', path: '/api/jobs/:uid/diagnosis', permission: 'training:view' },
  'jobs.performance': { method: 'GET', path: '/api/jobs/:uid/performance', permission: 'training:view' },
  'jobs.document': { method: 'GET', path: '/api/jobs/:uid/document', permission: 'training:view' },
  'jobs.put': { method: 'PUT', path: '/api/jobs/:uid', permission: 'training:report' },
  'jobs.edit': { method: 'PATCH', path: '/api/jobs/:uid', permission: 'training:manage' },
  'jobs.edit-many': { method: 'POST', path: '/api/jobs/edit', permission: 'training:manage' },
  'jobs.delete-many': { method: 'POST', path: '/api/jobs/delete', permission: 'training:admin' },
  'jobs.deleted': { method: 'GET', path: '/api/deleted-jobs', permission: 'training:admin' },
  'jobs.restore': { method: 'POST', path: '/api/deleted-jobs/:uid/restore', permission: 'training:admin' },
  'jobs.delete': { method: 'DELETE', path: '/api/jobs/:uid', permission: 'training:admin' },

  'jobs.import': { method: 'POST', path: '/api/import', permission: 'training:manage' },

  'telemetry.report-many': { method: 'POST', path: '/api/jobs/:uid/reports/many', permission: 'training:report' },
  'telemetry.report': { method: 'POST', path: '/api/jobs/:uid/reports', permission: 'training:report' },
  'metrics.query': { method: 'GET', path: '/api/jobs/:uid/metrics', permission: 'training:view' },
  'metrics.latest': { method: 'GET', path: '/api/jobs/:uid/metrics/latest', permission: 'training:view' },
  'metrics.export': { method: 'GET', path: '/api/jobs/:uid/metrics/export', permission: 'training:view' },

  'logs.page': { method: 'GET', path: '/api/jobs/:uid/logs', permission: 'training:view' },
  'logs.search': { method: 'GET', path: '/api/jobs/:uid/logs/search', permission: 'training:view' },
  'logs.text': { method: 'GET', path: '/api/jobs/:uid/logs/text', permission: 'training:view' },

  'samples.keys': { method: 'GET', path: '/api/jobs/:uid/samples/keys', permission: 'training:view' },
  'samples.list': { method: 'GET', path: '/api/jobs/:uid/samples', permission: 'training:view' },
  'samples.content': { method: 'GET', path: '/api/jobs/:uid/samples/:id/content', permission: 'training:view' },

  'notes.list': { method: 'GET', path: '/api/jobs/:uid/notes', permission: 'training:view' },
  'notes.create': { method: 'POST', path: '/api/jobs/:uid/notes', permission: 'training:manage' },
  'notes.edit': { method: 'PATCH', path: '/api/jobs/:uid/notes/:id', permission: 'training:manage' },
  'notes.delete': { method: 'DELETE', path: '/api/jobs/:uid/notes/:id', permission: 'training:manage' },
  'notes.restore': { method: 'POST', path: '/api/jobs/:uid/notes/:id/restore', permission: 'training:manage' },

  'commands.list': { method: 'GET', path: '/api/jobs/:uid/commands', permission: 'training:view' },
  'commands.take': { method: 'GET', path: '/api/jobs/:uid/commands/next', permission: 'training:report' },
  'jobs.pause': { method: 'POST', path: '/api/jobs/:uid/pause', permission: 'training:manage' },
  'jobs.resume': { method: 'POST', path: '/api/jobs/:uid/resume', permission: 'training:manage' },
  'jobs.evaluate': { method: 'POST', path: '/api/jobs/:uid/evaluate', permission: 'training:manage' },
  'jobs.stop': { method: 'POST', path: '/api/jobs/:uid/stop', permission: 'training:admin' },
  'parameters.list': { method: 'GET', path: '/api/jobs/:uid/parameters', permission: 'training:view' },
  'parameters.set': { method: 'PUT', path: '/api/jobs/:uid/parameters/:key', permission: 'training:manage' },
  'parameters.changes': { method: 'GET', path: '/api/jobs/:uid/parameter-changes', permission: 'training:view' },
  'schedules.list': { method: 'GET', path: '/api/jobs/:uid/schedules', permission: 'training:view' },
  'schedules.create': { method: 'POST', path: '/api/jobs/:uid/schedules', permission: 'training:manage' },
  'schedules.cancel': { method: 'DELETE', path: '/api/jobs/:uid/schedules/:id', permission: 'training:manage' },
  'proposals.list': { method: 'GET', path: '/api/jobs/:uid/proposals', permission: 'training:view' },
  'proposals.approve': { method: 'POST', path: '/api/jobs/:uid/proposals/:id/approve', permission: 'training:admin' },
  'proposals.decline': { method: 'POST', path: '/api/jobs/:uid/proposals/:id/decline', permission: 'training:admin' },
  'proposals.withdraw': {
    method: 'POST',
    path: '/api/jobs/:uid/proposals/:id/withdraw',
    permission: 'training:manage',
  },
  'parameters.impact': {
    method: 'GET',
    path: '/api/jobs/:uid/parameter-changes/:id/impact',
    permission: 'training:view',
  },
  'parameters.apply-preset': {
    method: 'POST',
    path: '/api/jobs/:uid/parameters/preset/:presetId',
    permission: 'training:manage',
  },
  'presets.list': { method: 'GET', path: '/api/presets', permission: 'training:view' },
  'presets.create': { method: 'POST', path: '/api/presets', permission: 'training:manage' },
  'presets.delete': { method: 'DELETE', path: '/api/presets/:id', permission: 'training:manage' },
  'checkpoints.policy': { method: 'GET', path: '/api/jobs/:uid/checkpoint-policy', permission: 'training:view' },
  'checkpoints.set-policy': { method: 'PUT', path: '/api/jobs/:uid/checkpoint-policy', permission: 'training:admin' },
  'checkpoints.advice': { method: 'GET', path: '/api/jobs/:uid/checkpoint-advice', permission: 'training:view' },
  'checkpoints.tensors': {
    method: 'GET',
    path: '/api/jobs/:uid/checkpoints/:id/tensors',
    permission: 'training:view',
  },
  'checkpoints.list': { method: 'GET', path: '/api/jobs/:uid/checkpoints', permission: 'training:view' },
  'checkpoints.create': { method: 'POST', path: '/api/jobs/:uid/checkpoints', permission: 'training:manage' },
  'checkpoints.edit': { method: 'PATCH', path: '/api/jobs/:uid/checkpoints/:id', permission: 'training:manage' },
  'checkpoints.rollback': {
    method: 'PUT',
    path: '/api/jobs/:uid/checkpoints/:id/rollback',
    permission: 'training:admin',
  },
  'checkpoints.relaunch': {
    method: 'GET',
    path: '/api/jobs/:uid/checkpoints/:id/relaunch',
    permission: 'training:manage',
  },
  'checkpoints.delete': { method: 'DELETE', path: '/api/jobs/:uid/checkpoints/:id', permission: 'training:admin' },
  'checkpoints.restore': {
    method: 'POST',
    path: '/api/jobs/:uid/checkpoints/:id/restore',
    permission: 'training:admin',
  },

  'checkpoints.check': { method: 'POST', path: '/api/jobs/:uid/checkpoints/:id/check', permission: 'training:manage' },
  'copies.create': { method: 'POST', path: '/api/jobs/:uid/checkpoints/:id/copy', permission: 'training:manage' },
  'copies.delete': { method: 'DELETE', path: '/api/jobs/:uid/checkpoints/:id/copy', permission: 'training:admin' },
  'copies.download': { method: 'GET', path: '/api/jobs/:uid/checkpoints/:id/copy', permission: 'training:view' },
  'copies.list': { method: 'GET', path: '/api/jobs/:uid/copies', permission: 'training:report' },
  'copies.manifest': {
    method: 'GET',
    path: '/api/jobs/:uid/checkpoints/:id/copy/manifest',
    permission: 'training:report',
  },
  'copies.send': { method: 'PUT', path: '/api/jobs/:uid/checkpoints/:id/copy', permission: 'training:report' },
  'copies.send-part': {
    method: 'PUT',
    path: '/api/jobs/:uid/checkpoints/:id/copy/:file',
    permission: 'training:report',
  },
  'copies.read-part': {
    method: 'GET',
    path: '/api/jobs/:uid/checkpoints/:id/copy/:file',
    permission: 'training:report',
  },

  'compare.get': { method: 'GET', path: '/api/compare', permission: 'training:view' },
  'compare.influence': { method: 'GET', path: '/api/compare/influence', permission: 'training:view' },
  'compare.document': { method: 'GET', path: '/api/compare/document', permission: 'training:view' },

  'alerts.list': { method: 'GET', path: '/api/alerts', permission: 'training:view' },
  'alerts.edit-many': { method: 'POST', path: '/api/alerts/edit', permission: 'alerts:manage' },
  'alert-rules.list': { method: 'GET', path: '/api/alert-rules', permission: 'training:view' },
  'alert-rules.create': { method: 'POST', path: '/api/alert-rules', permission: 'alerts:manage' },
  'alert-rules.replace': { method: 'PUT', path: '/api/alert-rules/:id', permission: 'alerts:manage' },
  'alert-rules.delete': { method: 'DELETE', path: '/api/alert-rules/:id', permission: 'alerts:manage' },
  'channels.list': { method: 'GET', path: '/api/channels', permission: 'alerts:manage' },
  'channels.create': { method: 'POST', path: '/api/channels', permission: 'channels:manage' },
  'channels.edit': { method: 'PATCH', path: '/api/channels/:id', permission: 'channels:manage' },
  'channels.delete': { method: 'DELETE', path: '/api/channels/:id', permission: 'channels:manage' },
  'channels.test': { method: 'POST', path: '/api/channels/:id/test', permission: 'channels:manage' },
  'deliveries.list': { method: 'GET', path: '/api/deliveries', permission: 'alerts:manage' },
  'deliveries.repeat': { method: 'POST', path: '/api/deliveries/:id/repeat', permission: 'channels:manage' },

  'clusters.list': { method: 'GET', path: '/api/clusters', permission: 'training:view' },
  'clusters.gpus': { method: 'GET', path: '/api/clusters/:name/gpu-availability', permission: 'training:view' },
  'clusters.partitions': { method: 'GET', path: '/api/clusters/:name/partitions', permission: 'training:view' },
  'clusters.start': { method: 'GET', path: '/api/clusters/:name/start', permission: 'training:view' },
  'clusters.test': { method: 'POST', path: '/api/clusters/:name/test-connection', permission: 'clusters:manage' },
  'clusters.host-keys': { method: 'POST', path: '/api/clusters/:name/host-keys', permission: 'clusters:manage' },
  'clusters.trust': { method: 'POST', path: '/api/clusters/:name/host-keys/trust', permission: 'clusters:manage' },
  'clusters.forget': { method: 'POST', path: '/api/clusters/:name/host-keys/forget', permission: 'clusters:manage' },
  'clusters.connection': { method: 'GET', path: '/api/clusters/:name/connection', permission: 'clusters:manage' },
  'clusters.connect': { method: 'POST', path: '/api/clusters/:name/connection', permission: 'clusters:manage' },
  'clusters.answer': { method: 'POST', path: '/api/clusters/:name/connection/answer', permission: 'clusters:manage' },
  'clusters.disconnect': { method: 'DELETE', path: '/api/clusters/:name/connection', permission: 'clusters:manage' },

  'usage.history': { method: 'GET', path: '/api/usage-history', permission: 'training:view' },
  'jobs.history': { method: 'GET', path: '/api/job-history', permission: 'training:view' },
  'search.keys': { method: 'GET', path: '/api/search/keys', permission: 'training:view' },
  'search.values': { method: 'GET', path: '/api/search/values', permission: 'training:view' },

  'views.list': { method: 'GET', path: '/api/views', permission: 'training:view' },
  'views.create': { method: 'POST', path: '/api/views', permission: 'training:view' },
  'views.edit': { method: 'PATCH', path: '/api/views/:id', permission: 'training:view' },
  'views.delete': { method: 'DELETE', path: '/api/views/:id', permission: 'training:view' },

  'projects.list': { method: 'GET', path: '/api/projects', permission: 'training:view' },
  'projects.create': { method: 'POST', path: '/api/projects', permission: 'projects:manage' },
  'projects.get': { method: 'GET', path: '/api/projects/:id', permission: 'training:view' },
  'projects.delete': { method: 'DELETE', path: '/api/projects/:id', permission: 'projects:manage' },
  'projects.sync': { method: 'POST', path: '/api/projects/:id/sync', permission: 'training:manage' },
  'scripts.list': { method: 'GET', path: '/api/projects/:id/scripts', permission: 'launches:create' },
  'scripts.describe': { method: 'POST', path: '/api/projects/:id/scripts/describe', permission: 'launches:create' },

  'targets.list': { method: 'GET', path: '/api/targets', permission: 'training:view' },
  'launches.plan': { method: 'POST', path: '/api/launches/plan', permission: 'launches:create' },
  'launches.create': { method: 'POST', path: '/api/launches', permission: 'launches:create' },
  'launches.get': { method: 'GET', path: '/api/jobs/:uid/launch', permission: 'training:view' },
  'launches.order': { method: 'POST', path: '/api/jobs/:uid/launch/:order', permission: 'training:manage' },
  'launches.refresh': { method: 'POST', path: '/api/jobs/:uid/refresh-status', permission: 'training:view' },
  'launches.clean': { method: 'DELETE', path: '/api/jobs/:uid/launch/folder', permission: 'training:manage' },

  'training.losses': { method: 'GET', path: '/api/training/losses', permission: 'training:view' },
  'training.resources': { method: 'GET', path: '/api/training/resources', permission: 'training:view' },
  'training.status': { method: 'GET', path: '/api/training/status/:uid', permission: 'training:view' },
  'training.summary': { method: 'GET', path: '/api/training/summary', permission: 'training:view' },
  'admin.metrics': { method: 'GET', path: '/api/admin/training/:uid/metrics', permission: 'training:view' },
  'admin.latest': { method: 'GET', path: '/api/admin/training/:uid/metrics/latest', permission: 'training:view' },
  'admin.checkpoints': { method: 'GET', path: '/api/admin/training/:uid/checkpoints', permission: 'training:view' },
  'admin.create-checkpoint': {
    method: 'POST',
    path: '/api/admin/training/:uid/checkpoints',
    permission: 'training:manage',
  },
  'admin.rollback': {
    method: 'PUT',
    path: '/api/admin/training/:uid/checkpoints/:id/rollback',
    permission: 'training:admin',
  },
  'admin.delete-checkpoint': {
    method: 'DELETE',
    path: '/api/admin/training/:uid/checkpoints/:id',
    permission: 'training:admin',
  },
  'admin.apply-preset': {
    method: 'POST',
    path: '/api/admin/training/:uid/parameters/preset/:presetId',
    permission: 'training:manage',
  },
  'admin.parameters': { method: 'GET', path: '/api/admin/training/:uid/parameters', permission: 'training:view' },
  'admin.set-parameter': {
    method: 'PUT',
    path: '/api/admin/training/:uid/parameters/:key',
    permission: 'training:manage',
  },
} as const satisfies Record<string, RoutePath>

export type RouteName = keyof typeof paths

/** The live stream is an upgrade or an event stream, not a call. */
export const livePath = '/api/live'
