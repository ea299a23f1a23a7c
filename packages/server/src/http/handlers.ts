/** Every route of the contract with what serves it. A route without a handler does not type-check here. */
import { accessHandlers } from '../access/access-routes.ts'
import { alertHandlers } from '../alerts/alert-routes.ts'
import { channelHandlers } from '../channels/channel-routes.ts'
import { batchHandlers } from '../batches/batch-routes.ts'
import { openAiBatchHandlers } from '../batches/openai-batch-routes.ts'
import { engineHandlers } from '../engines/engine-routes.ts'
import { checkpointHandlers } from '../checkpoints/checkpoint-routes.ts'
import { copyHandlers } from '../copies/copy-routes.ts'
import { clusterHandlers } from '../clusters/cluster-routes.ts'
import { commandHandlers } from '../commands/command-routes.ts'
import { compareHandlers } from '../compare/compare-routes.ts'
import { datasetHandlers } from '../datasets/dataset-routes.ts'
import { costHandlers } from '../costs/cost-routes.ts'
import { documentHandlers } from '../documents/document-routes.ts'
import { fileHandlers } from '../files/file-routes.ts'
import { jobHandlers } from '../jobs/job-routes.ts'
import { logHandlers } from '../logs/log-routes.ts'
import { importHandlers } from '../imports/import-routes.ts'
import { sdkHandlers } from '../sdk/sdk-routes.ts'
import { sampleHandlers } from '../samples/sample-routes.ts'
import { noteHandlers } from '../notes/note-routes.ts'
import { metricHandlers } from '../telemetry/metric-routes.ts'
import { parameterHandlers } from '../parameters/parameter-routes.ts'
import { rateHandlers } from '../rates/rate-routes.ts'
import { presetHandlers } from '../presets/preset-routes.ts'
import { workerHandlers } from '../workers/worker-routes.ts'
import { servingHandlers } from '../servings/serving-routes.ts'
import { scheduleHandlers } from '../schedules/schedule-routes.ts'
import { launchHandlers } from '../launches/launch-routes.ts'
import { projectHandlers } from '../projects/project-routes.ts'
import { proposalHandlers } from '../proposals/proposal-routes.ts'
import { retentionHandlers } from '../retention/retention-routes.ts'
import { systemHandlers } from '../system/system-routes.ts'
import { telemetryHandlers } from '../telemetry/telemetry-routes.ts'
import { trainingHandlers } from '../telemetry/training-routes.ts'
import { scriptHandlers } from '../scripts/script-routes.ts'
import { searchHandlers } from '../search/search-routes.ts'
import { wandbHandlers } from '../wandb/wandb-routes.ts'
import { workHandlers } from '../work/work-routes.ts'
import { viewHandlers } from '../views/view-routes.ts'
import { healthHandlers } from './health-route.ts'
import { instanceHandlers } from '../instances/instance-routes.ts'
import type { Handlers } from './route.ts'

export const handlers = {
  ...healthHandlers,
  ...sdkHandlers,
  ...importHandlers,
  ...accessHandlers,
  ...jobHandlers,
  ...telemetryHandlers,
  ...metricHandlers,
  ...logHandlers,
  ...sampleHandlers,
  ...noteHandlers,
  ...alertHandlers,
  ...channelHandlers,
  ...engineHandlers,
  ...instanceHandlers,
  ...servingHandlers,
  ...workerHandlers,
  ...batchHandlers,
  ...openAiBatchHandlers,
  ...workHandlers,
  ...clusterHandlers,
  ...commandHandlers,
  ...parameterHandlers,
  ...checkpointHandlers,
  ...copyHandlers,
  ...scheduleHandlers,
  ...presetHandlers,
  ...compareHandlers,
  ...datasetHandlers,
  ...documentHandlers,
  ...trainingHandlers,
  ...systemHandlers,
  ...rateHandlers,
  ...costHandlers,
  ...projectHandlers,
  ...launchHandlers,
  ...scriptHandlers,
  ...proposalHandlers,
  ...retentionHandlers,
  ...searchHandlers,
  ...viewHandlers,
  ...fileHandlers,
  ...wandbHandlers,
} satisfies Handlers
