/** `pilothouse top` as a program of its own: what a screen that is open all day does not need is not loaded. */
import { makeWorld } from '../world.ts'
import { runTopCommand } from './run-top-command.ts'

const [, , first, ...rest] = process.argv
const args = first === 'top' ? rest : process.argv.slice(2)
process.exitCode = await runTopCommand(args, makeWorld(process), process)
