/** Routes of workers that are launched from here, as a part of `routes.ts`. */
import { launchedWorkerList, workerStart } from './worker-launch.ts'

export const workerLaunchRoutes = {
  'workers.list': { summary: 'Workers that were launched from here and are not over.', response: launchedWorkerList },
  'workers.start': {
    summary: 'Launch workers of batches on a target. They are stopped by cancelling their jobs.',
    body: workerStart,
    response: launchedWorkerList,
  },
}
