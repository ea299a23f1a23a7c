import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { SignInPage } from '../access/sign-in-page.tsx'
import { readAlertsSearch } from '../alerts/alerts-search.ts'
import {
  readBatchesSearch,
  readBatchSearch,
  readBatchUsageSearch,
  readNewBatchSearch,
  readResultsSearch,
} from '../batches/batches-search.ts'
import { readClusterSearch, readClustersSearch } from '../clusters/clusters-search.ts'
import { readCompareSearch } from '../compare/compare-search.ts'
import { readCostsSearch } from '../costs/costs-search.ts'
import { readEnginesSearch } from '../engines/engines-search.ts'
import { readInstancesSearch } from '../instances/instances-search.ts'
import { readJobSearch } from '../job/job-search.ts'
import { readJobsSearch } from '../jobs/jobs-search.ts'
import { readLaunchSearch } from '../launches/launch-search.ts'
import { readProjectsSearch } from '../projects/projects-search.ts'
import { readSystemSearch } from '../system/system-search.ts'
import { CrashView, MissingView } from './fallback-views.tsx'
import { Frame } from './frame.tsx'
import { formatSearch, parseSearch } from './search-params.ts'

const root = createRootRoute({ notFoundComponent: MissingView, errorComponent: CrashView })

const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', component: SignInPage })

const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Frame })

const jobs = createRoute({
  getParentRoute: () => frame,
  path: '/',
  validateSearch: readJobsSearch,
  component: lazyRouteComponent(async () => import('../jobs/jobs-page.tsx'), 'JobsPage'),
})

const job = createRoute({
  getParentRoute: () => frame,
  path: '/job/$uid',
  validateSearch: readJobSearch,
  component: lazyRouteComponent(async () => import('../job/job-page.tsx'), 'JobPage'),
})

const compare = createRoute({
  getParentRoute: () => frame,
  path: '/compare',
  validateSearch: readCompareSearch,
  component: lazyRouteComponent(async () => import('../compare/compare-page.tsx'), 'ComparePage'),
})

const alerts = createRoute({
  getParentRoute: () => frame,
  path: '/alerts',
  validateSearch: readAlertsSearch,
  component: lazyRouteComponent(async () => import('../alerts/alerts-page.tsx'), 'AlertsPage'),
})

const projects = createRoute({
  getParentRoute: () => frame,
  path: '/projects',
  validateSearch: readProjectsSearch,
  component: lazyRouteComponent(async () => import('../projects/projects-page.tsx'), 'ProjectsPage'),
})

const launch = createRoute({
  getParentRoute: () => frame,
  path: '/launch',
  validateSearch: readLaunchSearch,
  component: lazyRouteComponent(async () => import('../launches/launch-page.tsx'), 'LaunchPage'),
})

const script = createRoute({
  getParentRoute: () => frame,
  path: '/projects/$id/script',
  component: lazyRouteComponent(async () => import('../launches/script-page.tsx'), 'ScriptPage'),
})

const clusters = createRoute({
  getParentRoute: () => frame,
  path: '/clusters',
  validateSearch: readClustersSearch,
  component: lazyRouteComponent(async () => import('../clusters/clusters-page.tsx'), 'ClustersPage'),
})

const cluster = createRoute({
  getParentRoute: () => frame,
  path: '/clusters/$name',
  validateSearch: readClusterSearch,
  component: lazyRouteComponent(async () => import('../clusters/cluster-page.tsx'), 'ClusterPage'),
})

const engines = createRoute({
  getParentRoute: () => frame,
  path: '/engines',
  validateSearch: readEnginesSearch,
  component: lazyRouteComponent(async () => import('../engines/engines-page.tsx'), 'EnginesPage'),
})

const costs = createRoute({
  getParentRoute: () => frame,
  path: '/costs',
  validateSearch: readCostsSearch,
  component: lazyRouteComponent(async () => import('../costs/costs-page.tsx'), 'CostsPage'),
})

const instances = createRoute({
  getParentRoute: () => frame,
  path: '/instances',
  validateSearch: readInstancesSearch,
  component: lazyRouteComponent(async () => import('../instances/instances-page.tsx'), 'InstancesPage'),
})

const batches = createRoute({
  getParentRoute: () => frame,
  path: '/batches',
  validateSearch: readBatchesSearch,
  component: lazyRouteComponent(async () => import('../batches/batches-page.tsx'), 'BatchesPage'),
})

const newBatch = createRoute({
  getParentRoute: () => frame,
  path: '/batches/new',
  validateSearch: readNewBatchSearch,
  component: lazyRouteComponent(async () => import('../batches/new-batch-page.tsx'), 'NewBatchPage'),
})

const results = createRoute({
  getParentRoute: () => frame,
  path: '/batches/compare',
  validateSearch: readResultsSearch,
  component: lazyRouteComponent(async () => import('../batches/results-page.tsx'), 'ResultsPage'),
})

const batchUsage = createRoute({
  getParentRoute: () => frame,
  path: '/batches/usage',
  validateSearch: readBatchUsageSearch,
  component: lazyRouteComponent(async () => import('../batches/usage-page.tsx'), 'UsagePage'),
})

const batch = createRoute({
  getParentRoute: () => frame,
  path: '/batches/$id',
  validateSearch: readBatchSearch,
  component: lazyRouteComponent(async () => import('../batches/batch-page.tsx'), 'BatchPage'),
})

const system = createRoute({
  getParentRoute: () => frame,
  path: '/system',
  validateSearch: readSystemSearch,
  component: lazyRouteComponent(async () => import('../system/system-page.tsx'), 'SystemPage'),
})

/** The addresses of the training rooms lead to the same pages. */
const trainingList = createRoute({
  getParentRoute: () => frame,
  path: '/admin/training',
  beforeLoad: () => {
    throw redirect({ to: '/', replace: true })
  },
})
const trainingJob = createRoute({
  getParentRoute: () => frame,
  path: '/admin/training/$uid',
  validateSearch: readJobSearch,
  beforeLoad: ({ params, search }) => {
    throw redirect({ to: '/job/$uid', params, search, replace: true })
  },
})

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    frame.addChildren([
      jobs,
      job,
      compare,
      projects,
      launch,
      script,
      clusters,
      cluster,
      batches,
      batchUsage,
      newBatch,
      results,
      batch,
      engines,
      costs,
      instances,
      alerts,
      system,
      trainingList,
      trainingJob,
    ]),
  ]),
  parseSearch,
  stringifySearch: formatSearch,
  defaultPreload: 'intent',
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
