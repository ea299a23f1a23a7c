import type { request } from 'node:http'

/**
 * How a request is made to an address: over TLS, or not. Both modules are loaded where they are used, and not by `import`, which
 * reads all that `node:http` gives away: some of that is `fetch`, which takes 11 MB.
 */
export function chooseRequest({ protocol }: URL): typeof request {
  return protocol === 'https:'
    ? process.getBuiltinModule('node:https').request
    : process.getBuiltinModule('node:http').request
}
