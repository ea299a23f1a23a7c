/** A report's file: the frame of a report, with a checksum in front of it. */
import { crc32 } from 'node:zlib'
import { endStates, PilothouseError, restampFrame } from '@pilothouse/contract/wire'

/** What a collector changes in a report on its way. */
export type Stamp = {
  attempt: number
  /** Now on the reporter's clock, ms: the server measures that clock with it. */
  sentAt: number
}

export type StampedReport = {
  frame: Uint8Array<ArrayBuffer>
  /** It says that the run has ended. */
  endsRun: boolean
}

const checkedMagic = 'PHS1'
const bareMagic = 'PHF1'
const checkedBytes = 8

/**
 * Checks the content of a `.report` file and stamps its frame.
 * @throws PilothouseError `malformed` when it is damaged.
 */
export function stampReport(file: Uint8Array, { attempt, sentAt }: Stamp): StampedReport {
  let endsRun = false
  const frame = restampFrame(unwrap(file), (header) => {
    if (typeof header !== 'object' || header === null || Array.isArray(header)) throw damaged('its header is no object')
    const fields: Record<string, unknown> = { ...header }
    endsRun = isEnd(fields['state'])
    return { ...fields, attempt, sentAt, madeAt: fields['madeAt'] ?? fields['sentAt'] }
  })
  return { frame, endsRun }
}

/** The frame inside; of the first version of the format it is the whole file. */
function unwrap(file: Uint8Array): Uint8Array {
  if (file.length === 0) throw damaged('it is empty')
  const magic = Buffer.from(file.subarray(0, 4)).toString('latin1')
  if (magic === bareMagic) return file
  if (magic !== checkedMagic || file.length < checkedBytes) throw damaged('it does not begin as a report')
  const stated = new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(4, true)
  const frame = file.subarray(checkedBytes)
  if (crc32(frame) !== stated) throw damaged('its bytes are not those that were written')
  return frame
}

function isEnd(state: unknown): boolean {
  const name = typeof state === 'object' && state !== null && 'state' in state ? state.state : undefined
  return endStates.some((end) => end === name)
}

function damaged(why: string): PilothouseError {
  return new PilothouseError('malformed', `The file is damaged: ${why}.`)
}
