import type { Handlers } from '../http/route.ts'
import { sendLogText } from './send-log-text.ts'

export const logHandlers: Handlers<'logs.page' | 'logs.search' | 'logs.text'> = {
  'logs.page': ({ params, query, resources }) => resources.storage.call('logs.page', { uid: params.uid, query }),
  'logs.search': ({ params, query, resources }) => resources.storage.call('logs.search', { uid: params.uid, query }),
  'logs.text': ({ params, query, request, reply, resources }) =>
    sendLogText({ uid: params.uid, query, request, reply, resources }),
}
