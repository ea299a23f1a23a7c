import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ChangePage,
  type CheckpointList,
  commandKinds,
  encodeReport,
  joinFrames,
  type Launched,
  type Note,
  type Proposed,
  type RouteName,
  type SamplePage,
  type SdkInfo,
  paths,
  roleAllows,
  roles,
} from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../../lab/stub-engine/start-stub-engine.ts'
import { listAlertCalls } from '../channels/alert-calls.fixture.ts'
import { listBatchCalls } from '../batches/batch-calls.fixture.ts'
import { listCostCalls } from '../costs/cost-calls.fixture.ts'
import { addStub } from '../batches/batches.fixture.ts'
import { hashOf, manifestOf } from '../copies/copies.fixture.ts'
import { listDatasetCalls } from '../datasets/dataset-calls.fixture.ts'
import { listEngineCalls } from '../engines/engine-calls.fixture.ts'
import { listInstanceCalls } from '../instances/instance-calls.fixture.ts'
import { listWorkerCalls } from '../workers/worker-calls.fixture.ts'
import { listServingCalls } from '../servings/serving-calls.fixture.ts'
import { listFileCalls } from '../files/file-calls.fixture.ts'
import { listWorkCalls } from '../work/work-calls.fixture.ts'
import { type Question, type TestServer, startTestServer } from './test-server.ts'

let test: TestServer
let stub: StubEngine
beforeAll(async () => {
  stub = await startStubEngine({ instant: true })
  test = await startTestServer()
  await addStub(test, stub)
  await makeJob('job-0001')
  await writeFile(join(test.server.dataFolder, 'clusters.yaml'), 'clusters: [{ name: here, host: local }]')
})
afterAll(async () => {
  await test.close()
  await stub.close()
})

const nowhere = { baseUrl: 'http://127.0.0.1:9', key: 'k'.repeat(40) }
const hostKey = { lookup: 'here', fingerprint: `SHA256:${'A'.repeat(43)}` }

const copied = manifestOf({ kept: Buffer.from('x') })

type Call = Question & { path: string; status: number }

/** For every route a call that is right in everything but, perhaps, who makes it. A route without an entry does not type-check. */
const calls: Record<RouteName, (number: number) => Call | Promise<Call>> = {
  'health.get': () => ({ path: '/health', status: 200 }),
  'sdk.get': () => ({ path: '/api/sdk', status: 200 }),
  'sdk.index': () => ({ path: '/sdk/', status: 200 }),
  'sdk.project': () => ({ path: '/sdk/pilothouse/', status: 200 }),
  'sdk.wheel': async () => {
    const { json } = await test.ask('/api/sdk')
    return { path: (json as SdkInfo).wheel.path, status: 200 } // what this route answers with
  },
  'access.sign-in': () => ({ path: '/api/access/sign-in', body: { code: test.makeCode() }, status: 200 }),
  'access.sign-out': () => ({ path: '/api/access/sign-out', status: 204 }),
  'access.session': () => ({ path: '/api/access/session', status: 200 }),
  'access.link': () => ({ path: '/api/access/links', status: 200 }),
  'access.tokens': () => ({ path: '/api/access/tokens', status: 200 }),
  'access.create-token': () => ({ path: '/api/access/tokens', body: { name: 'x', role: 'viewer' }, status: 200 }),
  'access.revoke-token': async () => {
    const { id } = await test.makeToken({ name: 'to be ended', role: 'viewer' })
    return { path: `/api/access/tokens/${id}`, status: 204 }
  },
  'system.scrape': () => ({ path: '/metrics', status: 200 }),
  'system.get': () => ({ path: '/api/system', status: 200 }),
  'system.rates': () => ({ path: '/api/system/rates', status: 200 }),
  'system.set-rates': () => ({ path: '/api/system/rates', body: { currency: 'USD', rates: [] }, status: 200 }),
  'system.retention': () => ({ path: '/api/system/retention', status: 200 }),
  'system.set-retention': () => ({ path: '/api/system/retention', body: {}, status: 200 }),
  'system.approval': () => ({ path: '/api/system/approval', status: 200 }),
  'system.set-approval': () => ({ path: '/api/system/approval', body: { projects: [guarded] }, status: 200 }),
  'system.usage': () => ({ path: '/api/system/usage', status: 200 }),
  'jobs.list': () => ({ path: '/api/jobs', status: 200 }),
  'jobs.current': () => ({ path: '/api/jobs/current', status: 200 }),
  'jobs.past': () => ({ path: '/api/jobs/past', status: 200 }),
  'jobs.statistics': () => ({ path: '/api/jobs/statistics', status: 200 }),
  'jobs.get': () => ({ path: '/api/jobs/job-0001', status: 200 }),
  'jobs.diagnosis': () => ({ path: '/api/jobs/job-0001/diagnosis', status: 200 }),
  'jobs.performance': () => ({ path: '/api/jobs/job-0001/performance', status: 200 }),
  'jobs.document': () => ({ path: '/api/jobs/job-0001/document', status: 200 }),
  'jobs.put': (number) => ({ path: `/api/jobs/put-000${number}`, body: {}, status: 200 }),
  'jobs.edit': () => ({ path: '/api/jobs/job-0001', body: { name: 'other' }, status: 200 }),
  'jobs.edit-many': () => ({ path: '/api/jobs/edit', body: { uids: ['job-0001'], addTags: ['x'] }, status: 200 }),
  'jobs.delete': async (number) => {
    await makeJob(`delete-000${number}`)
    return { path: `/api/jobs/delete-000${number}`, status: 204 }
  },
  'jobs.delete-many': () => ({ path: '/api/jobs/delete', body: { project: ['none'], dryRun: true }, status: 200 }),
  'jobs.deleted': () => ({ path: '/api/deleted-jobs', status: 200 }),
  'jobs.restore': async (number) => {
    const uid = `restore-000${number}`
    await makeJob(uid)
    await test.ask(`/api/jobs/${uid}`, { method: 'DELETE', token: test.tokens.admin })
    return { path: `/api/deleted-jobs/${uid}/restore`, status: 200 }
  },
  'jobs.import': (number) => ({ path: '/api/import', body: [{ id: `old-000${number}` }], status: 200 }),
  'telemetry.report': (number) => {
    const body = { attempt: 1, writer: `writer-${number}`, number: 1, role: 'sdk', sentAt: 0 }
    return { path: '/api/jobs/job-0001/reports', body, status: 200 }
  },
  'telemetry.report-many': (number) => {
    const frame = encodeReport({ attempt: 1, writer: `row-${number}`, number: 1, role: 'sdk', sentAt: 0, points: [] })
    return { path: '/api/jobs/job-0001/reports/many', body: joinFrames([frame]), status: 200 }
  },
  'metrics.query': () => ({ path: '/api/jobs/job-0001/metrics', status: 200 }),
  'metrics.latest': () => ({ path: '/api/jobs/job-0001/metrics/latest', status: 200 }),
  'metrics.export': () => ({ path: '/api/jobs/job-0001/metrics/export', status: 200 }),
  'logs.page': () => ({ path: '/api/jobs/job-0001/logs', status: 200 }),
  'logs.search': () => ({ path: '/api/jobs/job-0001/logs/search', status: 200 }),
  'logs.text': () => ({ path: '/api/jobs/job-0001/logs/text', status: 200 }),
  'samples.keys': () => ({ path: '/api/jobs/job-0001/samples/keys', status: 200 }),
  'samples.list': () => ({ path: '/api/jobs/job-0001/samples', status: 200 }),
  'samples.content': async (number) => ({
    path: `/api/jobs/job-0001/samples/${await logSample(`sampler-${number}`)}/content`,
    status: 200,
  }),
  'notes.list': () => ({ path: '/api/jobs/job-0001/notes', status: 200 }),
  'notes.create': () => ({ path: '/api/jobs/job-0001/notes', body: { text: 'seen' }, status: 200 }),
  'notes.edit': async () => ({ path: await writeNote(), body: { text: 'seen again' }, status: 200 }),
  'notes.delete': async () => ({ path: await writeNote(), status: 204 }),
  'notes.restore': async () => {
    const path = await writeNote()
    await test.ask(path, { method: 'DELETE', token: test.tokens.admin })
    return { path: `${path}/restore`, status: 200 }
  },
  'commands.list': () => ({ path: '/api/jobs/job-0001/commands', status: 200 }),
  'commands.take': () => ({ path: '/api/jobs/job-0001/commands/next?attempt=1', status: 200 }),
  'jobs.pause': async () => ({ path: `${await steer('steer-0001')}/pause`, body: {}, status: 200 }),
  'jobs.resume': async () => ({ path: `${await steer('steer-0002', 'paused')}/resume`, body: {}, status: 200 }),
  'jobs.evaluate': async () => ({ path: `${await steer('steer-0001')}/evaluate`, body: {}, status: 200 }),
  'jobs.stop': async () => ({ path: `${await steer('steer-0001')}/stop`, body: {}, status: 200 }),
  'parameters.list': () => ({ path: '/api/jobs/job-0001/parameters', status: 200 }),
  'parameters.set': async () => ({
    path: `${await steer('steer-0001')}/parameters/lr`,
    body: { value: 1 },
    status: 200,
  }),
  'parameters.changes': () => ({ path: '/api/jobs/job-0001/parameter-changes', status: 200 }),
  'proposals.list': () => ({ path: '/api/jobs/job-0001/proposals', status: 200 }),
  'proposals.approve': async () => ({ path: `${await propose('approved')}/approve`, body: {}, status: 200 }),
  'proposals.decline': async () => ({ path: `${await propose('declined')}/decline`, body: {}, status: 200 }),
  'proposals.withdraw': async () => ({ path: `${await propose('withdrawn')}/withdraw`, status: 200 }),
  'parameters.impact': async () => ({ path: await changeParameter(), status: 200 }),
  'parameters.apply-preset': async (number) => {
    const id = await keepPreset(`applied ${number}`)
    return { path: `${await steer('steer-0001')}/parameters/preset/${id}`, body: {}, status: 200 }
  },
  'schedules.list': () => ({ path: '/api/jobs/job-0001/schedules', status: 200 }),
  'schedules.create': async (number) => ({
    path: `${await steer(`steer-sched-${number}`)}/schedules`,
    body: schedule,
    status: 200,
  }),
  'schedules.cancel': async (number) => {
    const path = `${await steer(`steer-cancel-${number}`)}/schedules`
    const { json } = await test.ask(path, { method: 'POST', token: test.tokens.admin, body: schedule })
    return { path: `${path}/${idOf(json)}`, status: 200 }
  },
  'presets.list': () => ({ path: '/api/presets', status: 200 }),
  'presets.create': (number) => ({ path: '/api/presets', body: makePreset(`kept ${number}`), status: 200 }),
  'presets.delete': async (number) => ({ path: `/api/presets/${await keepPreset(`gone ${number}`)}`, status: 204 }),
  'checkpoints.policy': () => ({ path: '/api/jobs/job-0001/checkpoint-policy', status: 200 }),
  'checkpoints.set-policy': async () => ({
    path: `${await steer('steer-0001')}/checkpoint-policy`,
    body: { policy: null },
    status: 200,
  }),
  'checkpoints.advice': () => ({ path: '/api/jobs/job-0001/checkpoint-advice', status: 200 }),
  // On another machine, so there is nothing to look into.
  'checkpoints.tensors': async () => ({ path: `${await keepCheckpoint()}/tensors`, status: 409 }),
  'checkpoints.list': () => ({ path: '/api/jobs/job-0001/checkpoints', status: 200 }),
  'checkpoints.create': async () => ({ path: `${await steer('steer-0001')}/checkpoints`, body: {}, status: 200 }),
  'checkpoints.edit': async () => ({ path: await keepCheckpoint(), body: { tags: ['good'] }, status: 200 }),
  'checkpoints.rollback': async () => ({ path: `${await keepCheckpoint()}/rollback`, body: {}, status: 200 }),
  // Its job runs.
  'checkpoints.relaunch': async () => ({ path: `${await keepCheckpoint()}/relaunch`, status: 409 }),
  'checkpoints.delete': async () => ({ path: await keepCheckpoint(), status: 200 }),
  'checkpoints.restore': async () => ({ path: `${await keepCheckpoint()}/restore`, status: 200 }),
  // On another machine, so there is nothing to look at.
  'checkpoints.check': async () => ({ path: `${await keepCheckpoint()}/check`, status: 409 }),
  'copies.create': async () => ({ path: `${await keepCheckpoint()}/copy`, status: 200 }),
  'copies.delete': async () => ({ path: await askCopy(), status: 200 }),
  // Nothing of it has come.
  'copies.download': async () => ({ path: await askCopy(), status: 409 }),
  'copies.list': async () => ({ path: `${await steer('steer-0001')}/copies`, status: 200 }),
  'copies.manifest': async () => ({ path: `${await askCopy()}/manifest`, status: 409 }),
  'copies.send': async () => ({ path: await askCopy(), body: copied, status: 200 }),
  'copies.send-part': async () => {
    const path = await askCopy()
    await test.ask(path, { method: 'PUT', token: test.tokens.admin, body: copied })
    return { path: `${path}/0?offset=0`, body: Buffer.from('x'), status: 200 }
  },
  'copies.read-part': async () => ({ path: `${await askCopy()}/0?offset=0`, status: 409 }),
  'compare.get': () => ({ path: '/api/compare?job=job-0001&job=no-such-job', status: 200 }),
  'compare.influence': () => ({ path: '/api/compare/influence?search=name:job', status: 200 }),
  'compare.document': async () => {
    await makeJob('compare-0001')
    return { path: '/api/compare/document?job=job-0001&job=compare-0001', status: 200 }
  },
  ...listAlertCalls(() => test),
  ...listCostCalls(() => test),
  'clusters.list': () => ({ path: '/api/clusters', status: 200 }),
  'clusters.text': () => ({ path: '/api/clusters-file', status: 200 }),
  'clusters.check-text': () => ({ path: '/api/clusters-file/check', body: { text: 'clusters: []' }, status: 200 }),
  'clusters.set-text': () => ({ path: '/api/clusters-file', body: { text: '', seen: null }, status: 400 }),
  'clusters.gpus': () => ({ path: '/api/clusters/here/gpu-availability', status: 200 }),
  'clusters.partitions': () => ({ path: '/api/clusters/here/partitions', status: 200 }),
  'clusters.start': () => ({ path: '/api/clusters/here/start?gpus=4', status: 200 }),
  'clusters.test': () => ({ path: '/api/clusters/here/test-connection', status: 200 }),
  // No ssh leads to this machine, and nothing was accepted for it.
  'clusters.host-keys': () => ({ path: '/api/clusters/here/host-keys', status: 400 }),
  'clusters.trust': () => ({ path: '/api/clusters/here/host-keys/trust', body: hostKey, status: 400 }),
  'clusters.forget': () => ({ path: '/api/clusters/here/host-keys/forget', body: hostKey, status: 404 }),
  'clusters.connection': () => ({ path: '/api/clusters/here/connection', status: 200 }),
  'clusters.connect': () => ({ path: '/api/clusters/here/connection', status: 400 }),
  // Nothing is asked.
  'clusters.answer': () => ({ path: '/api/clusters/here/connection/answer', body: { id: 1, answer: '' }, status: 409 }),
  'clusters.disconnect': () => ({ path: '/api/clusters/here/connection', status: 204 }),
  'usage.history': () => ({ path: '/api/usage-history?project=p&until=1000', status: 200 }),
  'jobs.history': () => ({ path: '/api/job-history?from=0&until=1000', status: 200 }),
  'search.keys': () => ({ path: '/api/search/keys', status: 200 }),
  'search.values': () => ({ path: '/api/search/values?uid=job-0001&value=metric:loss', status: 200 }),
  'views.list': () => ({ path: '/api/views', status: 200 }),
  'views.create': (number) => ({ path: '/api/views', body: makeView(`kept ${number}`), status: 200 }),
  'views.edit': async (number) => ({
    path: `/api/views/${await keepView(`edited ${number}`)}`,
    body: { isDefault: true },
    status: 200,
  }),
  'views.delete': async (number) => ({ path: `/api/views/${await keepView(`deleted ${number}`)}`, status: 204 }),
  'projects.list': () => ({ path: '/api/projects', status: 200 }),
  // There is no such folder.
  'projects.create': () => ({ path: '/api/projects', body: { place: '/nowhere' }, status: 400 }),
  'projects.get': async () => ({ path: `/api/projects/${await addProject()}`, status: 200 }),
  'projects.delete': async () => ({ path: `/api/projects/${await addProject()}`, status: 204 }),
  'projects.sync': async () => ({ path: `/api/projects/${await addProject()}/sync`, status: 200 }),
  'targets.list': () => ({ path: '/api/targets', status: 200 }),
  'launches.plan': () => ({ path: '/api/launches/plan', body: launchOf('true'), status: 200 }),
  'launches.create': () => ({ path: '/api/launches', body: launchOf('true'), status: 200 }),
  'jobs.create': () => ({ path: '/api/jobs/', body: launchOf('true'), status: 200 }),
  'launches.get': async () => ({ path: `/api/jobs/${await launchJob()}/launch`, status: 200 }),
  'launches.order': async () => ({ path: `/api/jobs/${await launchJob()}/launch/cancel`, status: 200 }),
  'launches.refresh': async () => ({ path: `/api/jobs/${await launchJob()}/refresh-status`, status: 200 }),
  'launches.clean': async () => ({ path: `/api/jobs/${await launchJob()}/launch/folder`, status: 409 }), // under way
  // Its repository was not fetched.
  'scripts.list': async () => ({ path: `/api/projects/${await addProject()}/scripts`, status: 409 }),
  'scripts.hydra': async () => ({ path: `/api/projects/${await addProject()}/hydra-config`, status: 409 }),
  // Nobody has agreed to running anything.
  'scripts.describe': async () => ({
    path: `/api/projects/${await addProject()}/scripts/describe`,
    body: { script: 'train.py', interpreter: 'python3' },
    status: 400,
  }),
  'wandb.keys': () => ({ path: '/api/wandb/keys', status: 200 }),
  // Nothing may be sent to this machine, so no key is taken.
  'wandb.set-key': () => ({ path: '/api/wandb/keys', body: nowhere, status: 400 }),
  'wandb.test-key': () => ({ path: '/api/wandb/keys/test', body: nowhere, status: 404 }),
  'wandb.delete-key': () => ({ path: `/api/wandb/keys?baseUrl=${nowhere.baseUrl}`, status: 404 }),
  ...listFileCalls(() => test),
  ...listEngineCalls(() => test),
  ...listInstanceCalls(() => test),
  ...listDatasetCalls(),
  ...listBatchCalls(() => test),
  ...listWorkCalls(),
  ...listServingCalls(() => test),
  ...listWorkerCalls(),
  'training.losses': () => ({ path: '/api/training/losses?job=job-0001', status: 200 }),
  'training.resources': () => ({ path: '/api/training/resources?job=job-0001', status: 200 }),
  'training.status': () => ({ path: '/api/training/status/job-0001', status: 200 }),
  'training.summary': () => ({ path: '/api/training/summary', status: 200 }),
  'admin.metrics': () => ({ path: '/api/admin/training/job-0001/metrics', status: 200 }),
  'admin.latest': () => ({ path: '/api/admin/training/job-0001/metrics/latest', status: 200 }),
  'admin.checkpoints': () => ({ path: '/api/admin/training/job-0001/checkpoints', status: 200 }),
  'admin.create-checkpoint': async () => ({
    path: asAdmin(`${await steer('steer-0001')}/checkpoints`),
    body: {},
    status: 200,
  }),
  'admin.rollback': async () => ({ path: asAdmin(`${await keepCheckpoint()}/rollback`), body: {}, status: 200 }),
  'admin.delete-checkpoint': async () => ({ path: asAdmin(await keepCheckpoint()), status: 200 }),
  'admin.apply-preset': async (number) => {
    const id = await keepPreset(`as admin ${number}`)
    return { path: asAdmin(`${await steer('steer-0001')}/parameters/preset/${id}`), body: {}, status: 200 }
  },
  'admin.parameters': () => ({ path: '/api/admin/training/job-0001/parameters', status: 200 }),
  'admin.set-parameter': async () => ({
    path: asAdmin(`${await steer('steer-0001')}/parameters/lr`),
    body: { value: 1 },
    status: 200,
  }),
}

const callers = [...roles, 'nobody'] as const
const containing = (text: string) => expect.stringContaining(text) as string
const routeNames = Object.keys(paths) as RouteName[] // keys of a literal object

describe.each(routeNames)('%s', (name) => {
  const { method, permission } = paths[name]

  it.each(callers.map((caller, number) => ({ caller, number })))(
    'answers $caller as it should',
    async ({ caller, number }) => {
      const { path, status, ...question } = await calls[name](number)
      const token = caller === 'nobody' ? undefined : test.tokens[caller]
      const answer = await test.ask(path, { ...question, method, token })
      expect({ path, status: answer.status }).toEqual({ path, status: expectStatus(caller, status) })
      if (answer.status === 403)
        expect(answer.json).toMatchObject({ error: { code: 'forbidden', message: containing(permission) } })
      if (answer.status === 401) expect(answer.json).toMatchObject({ error: { code: 'unauthenticated' } })
    },
  )

  function expectStatus(caller: (typeof callers)[number], wanted: number): number {
    if (name === 'access.session' && caller === 'nobody') return 401
    if (permission === 'public') return wanted
    if (caller === 'nobody') return 401
    return roleAllows(caller, permission) ? wanted : 403
  }
})

describe('the live stream', () => {
  it.each(callers)('answers %s as it should', async (caller) => {
    const token = caller === 'nobody' ? undefined : test.tokens[caller]
    const { status } = await test.ask('/api/live', { token })
    // Without a topic it is refused as invalid, once the caller was let in.
    if (caller === 'nobody') expect(status).toBe(401)
    else expect(status).toBe(roleAllows(caller, 'training:view') ? 400 : 403)
  })
})

/** The id of a new sample of the first job. */
async function logSample(writer: string): Promise<number> {
  const token = test.tokens.admin
  const sample = { kind: 'text', key: writer, step: 1, at: 0, body: { output: 'hello' } }
  const body = { attempt: 1, writer, number: 1, role: 'sdk', sentAt: 0, samples: [sample] }
  await test.ask('/api/jobs/job-0001/reports', { method: 'POST', token, body })
  const { json } = await test.ask(`/api/jobs/job-0001/samples?key=${writer}`, { token })
  const { samples } = json as SamplePage // what this route answers with
  return samples[0]?.id ?? 0
}

/** Where changes wait for an admin. */
const guarded = 'guarded'

/** The path of a change that waits for an admin. */
async function propose(name: string): Promise<string> {
  const token = test.tokens.admin
  await test.ask('/api/system/approval', { method: 'PUT', token, body: { projects: [guarded] } })
  const path = await steer(`steer-${name}`, 'running', guarded)
  const question = { method: 'PUT', token: test.tokens.member, body: { value: 0.2 } }
  const { proposals } = (await test.ask(`${path}/parameters/lr`, question)).json as Proposed // what it answers a member with there
  return `${path}/proposals/${proposals[0]?.id ?? 0}`
}

/** The path of a job that can be told everything, in this state. */
async function steer(uid: string, state: 'running' | 'paused' = 'running', project = 'default'): Promise<string> {
  const path = `/api/jobs/${uid}`
  const token = test.tokens.admin
  if ((await test.ask(path, { token })).status === 200) return path
  await makeJob(uid, project)
  const controls = { kinds: commandKinds, parameters: [{ key: 'lr', type: 'number', value: 0.1 }] }
  const report = { attempt: 1, writer: 'script', number: 1, role: 'sdk', sentAt: 0, steering: { controls } }
  const body = { ...report, state: { state, at: 0 } }
  await test.ask(`${path}/reports`, { method: 'POST', token, body })
  return path
}

const schedule = { schedule: { key: 'lr', shape: { kind: 'linear', to: 0.01, over: { steps: 100 } } } }

function makePreset(name: string) {
  return { name, values: { lr: 0.2 } }
}

/** The id of a new preset. */
async function keepPreset(name: string): Promise<number> {
  const question = { method: 'POST', token: test.tokens.admin, body: makePreset(name) }
  return idOf((await test.ask('/api/presets', question)).json)
}

/** The path of what a change of a parameter did. */
async function changeParameter(): Promise<string> {
  const path = await steer('steer-changed')
  const token = test.tokens.admin
  kept += 1
  const change = { key: 'lr', value: kept, at: 0, step: 10 * kept, cause: 'script' }
  const points = [{ keys: ['loss'], steps: [1, 2], times: [1, 2], values: [[1, 2]] }]
  const body = {
    attempt: 1,
    writer: `changer-${kept}`,
    number: 1,
    role: 'sdk',
    sentAt: 0,
    points,
    steering: { changes: [change] },
  }
  await test.ask(`${path}/reports`, { method: 'POST', token, body })
  const { changes } = (await test.ask(`${path}/parameter-changes`, { token })).json as ChangePage // what this route answers with
  return `${path}/parameter-changes/${changes[0]?.id ?? 0}/impact?metric=loss`
}

let kept = 0

/** The path of a new checkpoint of such a job. */
async function keepCheckpoint(): Promise<string> {
  const path = await steer('steer-0001')
  const token = test.tokens.admin
  kept += 1
  const place = { name: `kept-${kept}`, kind: 'manual', at: 0, step: kept, uri: `/kept/${kept}`, host: 'node7' }
  const steering = { checkpoints: [{ ...place, bytes: 1, sha256: hashOf(Buffer.from('x')), tookMs: 1 }] }
  const body = { attempt: 1, writer: `keeper-${kept}`, number: 1, role: 'sdk', sentAt: 0, steering }
  await test.ask(`${path}/reports`, { method: 'POST', token, body })
  const { checkpoints } = (await test.ask(`${path}/checkpoints`, { token })).json as CheckpointList // what this route answers with
  return `${path}/checkpoints/${checkpoints[0]?.id ?? 0}`
}

/** The path of a copy that such a job has been asked for. */
async function askCopy(): Promise<string> {
  const path = `${await keepCheckpoint()}/copy`
  await test.ask(path, { method: 'POST', token: test.tokens.admin })
  return path
}

function asAdmin(path: string): string {
  return path.replace('/api/jobs/', '/api/admin/training/')
}

/** The path of a new note on the first job, written by the member that all these tokens belong to. */
async function writeNote(): Promise<string> {
  const question = { method: 'POST', token: test.tokens.admin, body: { text: 'seen' } }
  const { json } = await test.ask('/api/jobs/job-0001/notes', question)
  const { id } = json as Note // what this route answers with
  return `/api/jobs/job-0001/notes/${id}`
}

function makeView(name: string) {
  return { page: 'jobs', name, search: 'q=loss' }
}

/** The id of a new view. */
async function keepView(name: string): Promise<number> {
  const { json } = await test.ask('/api/views', { method: 'POST', token: test.tokens.viewer, body: makeView(name) })
  return (json as { id: number }).id // what this route answers with
}

let projects = 0

/** Its host has no address. */
async function addProject(): Promise<number> {
  projects += 1
  const body = { place: `https://host-${projects}.invalid/repo`, name: `project ${projects}` }
  const { json } = await test.ask('/api/projects', { method: 'POST', token: test.tokens.admin, body })
  return idOf(json)
}

function launchOf(...command: string[]) {
  return { spec: { target: 'local', command } }
}

async function launchJob(): Promise<string> {
  const question = { method: 'POST', token: test.tokens.admin, body: launchOf('sleep', '60') }
  const { json } = await test.ask('/api/launches', question)
  return (json as Launched).jobs[0]?.uid ?? '' // what this route answers with
}

function idOf(json: unknown): number {
  return (json as { id: number }).id // what these routes answer with
}

async function makeJob(uid: string, project = 'default'): Promise<void> {
  const { status } = await test.ask(`/api/jobs/${uid}`, { method: 'PUT', token: test.tokens.admin, body: { project } })
  expect(status).toBe(200)
}
