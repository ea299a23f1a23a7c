import { sendFile } from '../files/send-file.ts'
import type { Handlers } from '../http/route.ts'
import { listDatasets, openDataset } from './result-folders.ts'

export const datasetHandlers: Handlers<`datasets.${'discover' | 'gpu' | 'results'}`> = {
  'datasets.discover': ({ resources }) => listDatasets(resources.config.resultFolders),
  'datasets.gpu': async ({ resources }) => {
    const { state: gpuState, gpus } = await resources.batches.gpus.read()
    return { gpuState, gpus }
  },
  'datasets.results': async ({ query, resources, request, reply }) => {
    const { handle, ...about } = await openDataset(resources.config.resultFolders, query.model)
    return sendFile(about, { handle, request, reply })
  },
}
