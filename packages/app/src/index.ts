export { runCli } from './run-cli.ts'
export { makeWorld } from './world.ts'
export type { Environment, Output, World } from './world.ts'
