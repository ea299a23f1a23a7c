/** Calls of the routes of workers that are launched from here: for `permissions.test.ts`. */
export function listWorkerCalls() {
  return {
    'workers.list': () => ({ path: '/api/workers', status: 200 }),
    'workers.start': () => ({ path: '/api/workers', body: { target: 'local', command: ['true'] }, status: 200 }),
  }
}
