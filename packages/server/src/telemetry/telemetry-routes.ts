import { frameContentType } from '@pilothouse/contract'
import { actorOf } from '../jobs/job-access.ts'
import type { Handlers } from '../http/route.ts'

export const telemetryHandlers: Handlers<'telemetry.report'> = {
  'telemetry.report': ({ params, body, caller, request, resources }) =>
    resources.meters.intake.time(() =>
      resources.storage.call('telemetry.append', {
        uid: params.uid,
        actor: actorOf(caller),
        format: request.headers['content-type']?.startsWith(frameContentType) ? 'frame' : 'json',
        bytes: body,
      }),
    ),
}
