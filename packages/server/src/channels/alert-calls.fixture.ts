/** Calls of the routes of alerts and channels that are right in everything but, perhaps, who makes them: for `permissions.test.ts`. */
import type { TestServer } from '../http/test-server.ts'

/** Refused at once: nothing is sent from a test. */
const hook = { kind: 'webhook', name: 'hook', url: 'http://169.254.0.1/' }
const failRule = { name: 'fails', condition: { kind: 'state', states: ['failed'] } }

export function listAlertCalls(test: () => TestServer) {
  /** The id of a new rule of the member that all these tokens belong to. */
  const writeRule = async (number: number): Promise<number> => {
    const body = { ...failRule, name: `rule ${number}` }
    const { json } = await test().ask('/api/alert-rules', { method: 'POST', token: test().tokens.admin, body })
    return idOf(json)
  }
  const addChannel = async (): Promise<number> => {
    const { json } = await test().ask('/api/channels', { method: 'POST', token: test().tokens.admin, body: hook })
    return idOf(json)
  }
  return {
    'alerts.list': () => ({ path: '/api/alerts', status: 200 }),
    'alerts.edit-many': () => ({ path: '/api/alerts/edit', body: { ids: [1], status: 'resolved' }, status: 200 }),
    'alert-rules.list': () => ({ path: '/api/alert-rules', status: 200 }),
    'alert-rules.create': () => ({ path: '/api/alert-rules', body: failRule, status: 200 }),
    'alert-rules.replace': async (number: number) => ({
      path: `/api/alert-rules/${await writeRule(number)}`,
      body: failRule,
      status: 200,
    }),
    'alert-rules.delete': async (number: number) => ({
      path: `/api/alert-rules/${await writeRule(number)}`,
      status: 204,
    }),
    'channels.list': () => ({ path: '/api/channels', status: 200 }),
    'channels.create': () => ({ path: '/api/channels', body: hook, status: 200 }),
    'channels.edit': async () => ({
      path: `/api/channels/${await addChannel()}`,
      body: { name: 'other' },
      status: 200,
    }),
    'channels.delete': async () => ({ path: `/api/channels/${await addChannel()}`, status: 204 }),
    'channels.test': async () => ({ path: `/api/channels/${await addChannel()}/test`, status: 200 }),
    'deliveries.list': () => ({ path: '/api/deliveries', status: 200 }),
    'deliveries.repeat': async () => {
      const { json } = await test().ask(`/api/channels/${await addChannel()}/test`, {
        method: 'POST',
        token: test().tokens.admin,
      })
      return { path: `/api/deliveries/${idOf(json)}/repeat`, status: 200 }
    },
  }
}

function idOf(json: unknown): number {
  return (json as { id: number }).id // what these routes answer with
}
