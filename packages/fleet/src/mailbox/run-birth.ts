import { PilothouseError } from '@pilothouse/contract/wire'

/** What `job.json` says of a run. */
export type RunBirth = {
  uid: string
  attempt: number
  writer: string
  /** Body of `PUT /api/jobs/{uid}`; the server checks it. */
  create: Record<string, unknown>
}

const versionMax = 2

/**
 * Reads `job.json`.
 * @throws PilothouseError `malformed` when it is no description of a run, `invalid` when it is of a later version.
 */
export function parseRunBirth(bytes: Uint8Array): RunBirth {
  const value = parseObject(bytes)
  const { version = 1, uid, attempt, writer = '', create } = value
  if (typeof version === 'number' && version > versionMax) {
    throw new PilothouseError('invalid', `job.json is of version ${version}, and this reads up to ${versionMax}.`, {
      hint: 'Update pilothouse here.',
    })
  }
  if (typeof uid !== 'string' || uid === '' || typeof writer !== 'string') throw malformed('uid is missing')
  if (typeof attempt !== 'number' || !Number.isInteger(attempt)) throw malformed('attempt is no number')
  if (!isObject(create)) throw malformed('create is missing')
  return { uid, attempt, writer, create }
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw malformed('it is not valid JSON', cause)
  }
  if (!isObject(value)) throw malformed('it is no object')
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(why: string, cause?: unknown): PilothouseError {
  return new PilothouseError('malformed', `job.json is no description of a run: ${why}.`, {
    hint: 'It was written by something else, or the disk has damaged it. Its reports are left as they are.',
    cause,
  })
}
