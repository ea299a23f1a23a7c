/** From a sample as it was sent to what is stored of it. Pure. */
import { PilothouseError, type SampleEvent, limits } from '@pilothouse/contract'
import type { Selectable } from 'kysely'
import type { SampleTable } from '../storage/tables.ts'
import { readImageFacts } from './image-facts.ts'
import { hashContent } from './sample-files.ts'

/** Bodies up to this size stand in their row: a file for each small histogram would cost a sync of the disk. */
const inlineBytesMax = 16 * 1024

export type PreparedSample = {
  row: Omit<Selectable<SampleTable>, 'id' | 'job_id' | 'attempt' | 'branch' | 'time_ms'>
  /** Client's clock, ms. */
  at: number
  /** What goes into a file named `row.hash`; undefined when the row holds the body. */
  content: Uint8Array | undefined
}

/**
 * @throws PilothouseError `invalid` when an image is none, `tooLarge` when the content is.
 */
export function prepareSample(event: SampleEvent, field: string): PreparedSample {
  const { key, step, kind, at } = event
  const row = { key, step, kind, place: event.index, epoch: event.epoch ?? null, caption: event.caption ?? null }
  const content =
    event.kind === 'image' ? readImage(event.data, `${field}.data`) : readBody(event.body, `${field}.body`)
  const { byteLength } = content.bytes
  if (byteLength > limits.sampleBytesMax) {
    const message = `A sample has at most ${limits.sampleBytesMax} bytes, «${key.slice(0, 100)}» has ${byteLength}.`
    throw new PilothouseError('tooLarge', message, { field })
  }
  const inline = event.kind !== 'image' && byteLength <= inlineBytesMax
  const { type, width, height } = content
  return {
    row: {
      ...row,
      type,
      width,
      height,
      bytes: byteLength,
      hash: inline ? null : hashContent(content.bytes),
      body: inline ? content.bytes.toString('utf8') : null,
    },
    at,
    content: inline ? undefined : content.bytes,
  }
}

type Content = Pick<Selectable<SampleTable>, 'type' | 'width' | 'height'> & { bytes: Buffer }

function readBody(body: unknown, field: string): Content {
  const bytes = Buffer.from(JSON.stringify(body))
  if (bytes.byteLength > limits.sampleBytesMax)
    throw new PilothouseError('tooLarge', `${field} has more than ${limits.sampleBytesMax} bytes of JSON.`, { field })
  return { type: 'application/json', width: null, height: null, bytes }
}

function readImage(data: string, field: string): Content {
  const bytes = Buffer.from(data, 'base64')
  const facts = readImageFacts(bytes)
  if (facts) return { ...facts, bytes }
  throw new PilothouseError('invalid', `${field} is no image that is taken here.`, {
    field,
    expected: 'base64 of a PNG, JPEG, GIF or WebP file',
  })
}
