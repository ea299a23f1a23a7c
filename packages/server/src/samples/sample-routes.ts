import type { Handlers } from '../http/route.ts'
import { sendSample } from './send-sample.ts'

export const sampleHandlers: Handlers<'samples.keys' | 'samples.list' | 'samples.content'> = {
  'samples.keys': ({ params, query, resources }) => resources.storage.call('samples.keys', { uid: params.uid, query }),
  'samples.list': ({ params, query, resources }) => resources.storage.call('samples.list', { uid: params.uid, query }),
  'samples.content': ({ params, query, reply, resources }) => sendSample({ ...params, ...query, reply, resources }),
}
