/** Routes of batches, as a part of `routes.ts`: OpenAI's own below /v1, and what the page and the terminal need beside them. */
import {
  batchCard,
  batchCheck,
  batchChecked,
  batchDetail,
  batchList,
  batchListQuery,
  batchLog,
  batchLogQuery,
  batchOverview,
  batchRetry,
  batchUsage,
  batchUsageQuery,
  deadLetterPage,
  deadLetterQuery,
  gpuOverview,
} from './batch.ts'
import { datasetList, datasetQuery } from './dataset.ts'
import {
  batchForm,
  ofBatch,
  openAiBatch,
  openAiBatchCreate,
  openAiBatchList,
  openAiBatchQuery,
} from './openai-batch.ts'

export const batchRoutes = {
  'openai-batches.create': {
    summary:
      'Send the requests of a file to engines: JSON as OpenAI’s API has it, or a form with the part `file`. A header Idempotency-Key makes repeating it safe.',
    body: openAiBatchCreate,
    form: batchForm,
    response: openAiBatch,
  },
  'openai-batches.list': { summary: 'Batches, the newest first.', query: openAiBatchQuery, response: openAiBatchList },
  'openai-batches.get': { summary: 'How a batch stands.', params: ofBatch, response: openAiBatch },
  'openai-batches.cancel': {
    summary: 'Cancel a batch. What is done is kept.',
    params: ofBatch,
    response: openAiBatch,
  },
  'openai-batches.delete': { summary: 'The same as to cancel it.', params: ofBatch, response: openAiBatch },
  'openai-batches.results': {
    summary: 'Answers as JSONL, those that there are so far while the batch goes on.',
    params: ofBatch,
    produces: 'application/jsonl',
  },
  'openai-batches.errors': {
    summary: 'Requests without an answer as JSONL, those that there are so far while the batch goes on.',
    params: ofBatch,
    produces: 'application/jsonl',
  },
  'openai-batches.logs': { summary: 'What happened to a batch, as text.', params: ofBatch, produces: 'text/plain' },

  'batches.list': { summary: 'Batches, the newest first.', query: batchListQuery, response: batchList },
  'batches.overview': { summary: 'Workers, the queue, and GPUs of this machine.', response: batchOverview },
  'batches.usage': {
    summary: 'Requests, tokens and cost by member and model.',
    query: batchUsageQuery,
    response: batchUsage,
  },
  'batches.check': {
    summary: 'What would come of a batch: faults of its input, or an estimate of its time and cost.',
    body: batchCheck,
    response: batchChecked,
  },
  'batches.get': { summary: 'All of a batch.', params: ofBatch, response: batchDetail },
  'batches.log': { summary: 'What happened to a batch.', params: ofBatch, query: batchLogQuery, response: batchLog },
  'batches.dead-letters': {
    summary: 'Requests that have failed for good, with what was asked.',
    params: ofBatch,
    query: deadLetterQuery,
    response: deadLetterPage,
  },
  'batches.retry': {
    summary: 'Send failed requests again, as they were or changed, in a batch of their own.',
    params: ofBatch,
    body: batchRetry,
    response: batchCard,
  },

  'datasets.discover': { summary: 'Files of results in folders that the server was told of.', response: datasetList },
  'datasets.gpu': { summary: 'GPUs of the server’s machine, as they are now.', response: gpuOverview },
  'datasets.results': {
    summary: 'The lines of such a file; one range of its bytes where it is asked for.',
    query: datasetQuery,
    produces: 'application/jsonl',
  },
}
