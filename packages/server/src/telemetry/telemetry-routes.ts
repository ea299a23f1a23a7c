import { frameContentType, limits, PilothouseError, splitFrames } from '@pilothouse/contract'
import { actorOf } from '../jobs/job-access.ts'
import type { Handlers } from '../http/route.ts'
import type { AppendInput } from './append-reports.ts'

export const telemetryHandlers: Handlers<'telemetry.report' | 'telemetry.report-many'> = {
  'telemetry.report': ({ params, body, caller, request, resources }) =>
    resources.meters.intake.time(() =>
      resources.storage.call('telemetry.append', {
        uid: params.uid,
        actor: actorOf(caller),
        format: request.headers['content-type']?.startsWith(frameContentType) ? 'frame' : 'json',
        bytes: body,
      }),
    ),
  'telemetry.report-many': async ({ params: { uid }, body, caller, resources }) => {
    const actor = actorOf(caller)
    const inputs = splitRow(body).map((bytes): AppendInput => ({ uid, actor, format: 'frame', bytes }))
    const results = await resources.meters.intake.time(() => resources.storage.call('telemetry.append-many', inputs))
    return { answers: results.map((result) => ('value' in result ? result.value : { error: result.error })) }
  },
}

/** @throws PilothouseError `malformed` or `tooLarge`. */
function splitRow(body: Uint8Array): Uint8Array[] {
  const frames = splitFrames(body)
  if (frames.length <= limits.reportsInRowMax) return frames
  throw new PilothouseError(
    'tooLarge',
    `A row has at most ${limits.reportsInRowMax} reports, this one ${frames.length}.`,
  )
}
