import { PilothouseError } from '@pilothouse/contract'

export type EngineAddress = {
  /** Scheme, host and port. */
  origin: string
  /** Where a path of the engine, such as `/v1/models` or `/metrics`, lies there. */
  pathOf: (path: string) => string
}

/**
 * Reads the base URL of an engine. It may end in `/v1` or not, as both are common, and may stand below a path prefix: paths of
 * the API begin with `/v1`, those beside it (`/metrics`, `/health`) lie under the prefix too. A query is kept for all paths.
 * @throws PilothouseError `invalid` for what is no such address, or has a password in it.
 */
export function readEngineAddress(baseUrl: string): EngineAddress {
  const url = URL.parse(baseUrl)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw refuse('The address of an engine begins with http:// or https://.')
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('The address of an engine holds no user and no password: give the key by itself.')
  }
  const prefix = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
  return { origin: url.origin, pathOf: (path) => `${prefix}${path}${url.search}` }
}

function refuse(message: string): PilothouseError {
  return new PilothouseError('invalid', message, { field: 'baseUrl' })
}
