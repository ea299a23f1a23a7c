/** What speaks to engines. Apart from the rest, because the HTTP client below it takes 30 MB, which a server at rest does not need. */
export { EngineClient } from './engine/engine-client.ts'
export { Dispatch } from './run/dispatch.ts'
export { Worker } from './worker/worker.ts'
