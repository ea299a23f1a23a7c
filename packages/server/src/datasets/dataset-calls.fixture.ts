/** Calls of the routes of datasets that are right in everything but, perhaps, who makes them: for `permissions.test.ts`. */
export function listDatasetCalls() {
  return {
    'datasets.discover': () => ({ path: '/api/discover', status: 200 }),
    'datasets.gpu': () => ({ path: '/api/gpu', status: 200 }),
    'datasets.results': () => ({ path: '/api/results?model=0/none.jsonl', status: 404 }),
  }
}
