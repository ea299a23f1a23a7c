import { Command, CommanderError } from 'commander'
import { viewFailure } from '@pilothouse/terminal'
import { addAlertsCommand } from './commands/alerts.ts'
import { addBatchCommand } from './commands/batch.ts'
import { addBridgeCommand } from './commands/bridge.ts'
import { addClustersCommand } from './commands/clusters.ts'
import { addBudgetsCommand } from './commands/budgets.ts'
import { addCostsCommand } from './commands/costs.ts'
import { addEnginesCommand } from './commands/engines.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addDocumentCommand } from './commands/document.ts'
import { addGpusCommand } from './commands/gpus.ts'
import { addHistoryCommand } from './commands/history.ts'
import { addImportCommand } from './commands/import.ts'
import { addInstancesCommand } from './commands/instances.ts'
import { addJobsCommand } from './commands/jobs.ts'
import { addLaunchCommands } from './commands/launch.ts'
import { addLaunchedCommands } from './commands/launched.ts'
import { addLinkCommand } from './commands/link.ts'
import { addLogsCommand } from './commands/logs.ts'
import { addPresetsCommand } from './commands/launch-presets.ts'
import { addProjectsCommand } from './commands/projects.ts'
import { addProposalCommands } from './commands/proposals.ts'
import { addProvidersCommand } from './commands/providers.ts'
import { addRelaunchCommand } from './commands/relaunch.ts'
import { addRunCommand } from './commands/run.ts'
import { addServeCommand } from './commands/serve.ts'
import { addServiceCommand } from './commands/service.ts'
import { addSteerCommands } from './commands/steer.ts'
import { addSyncCommand } from './commands/sync.ts'
import { addTargetsCommand } from './commands/targets.ts'
import { addTensorsCommand } from './commands/tensors.ts'
import { addTokenCommands } from './commands/token.ts'
import { addTopCommand } from './commands/top.ts'
import { addWandbCommand } from './commands/wandb.ts'
import { addWorkerCommand } from './commands/worker.ts'
import { addWorkersCommand } from './commands/workers.ts'
import { describeError } from './describe-error.ts'
import { exitCodes } from './exit-code.ts'
import type { World } from './world.ts'

/** What every command gets: the world, and a way to say with which code the process ends. */
export type CommandContext = { world: World; version: string; endWith(code: number): void }

/** Runs one command line; resolves to the exit code. Nothing is thrown: what goes wrong is told on standard error. */
export async function runCli(args: readonly string[], world: World, version: string): Promise<number> {
  let exitCode = 0
  const program = makeProgram({ world, version, endWith: (code) => (exitCode = code) })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage.code
    const failure = describeError(error)
    world.stderr.write(`${viewFailure(failure, world.stderr.paint)}\n`)
    return exitCodes[failure.exit].code
  }
}

function makeProgram(context: CommandContext): Command {
  const { stdout, stderr } = context.world
  const program = new Command('pilothouse')
    .description('A self-hosted control room for machine-learning jobs.')
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(100, stdout.width()),
      getErrHelpWidth: () => Math.min(100, stderr.width()),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .helpCommand('help [command]', 'Show the help of a command.')
    .enablePositionalOptions()
    .addHelpText('after', viewExitCodes())
  addServeCommand(program, context)
  addTopCommand(program, context)
  addRunCommand(program, context)
  addLaunchCommands(program, context)
  addLaunchedCommands(program, context)
  addTargetsCommand(program, context)
  addPresetsCommand(program, context)
  addDemoCommand(program, context)
  addJobsCommand(program, context)
  addProjectsCommand(program, context)
  addHistoryCommand(program, context)
  addCostsCommand(program, context)
  addBudgetsCommand(program, context)
  addImportCommand(program, context)
  addLogsCommand(program, context)
  addSteerCommands(program, context)
  addProposalCommands(program, context)
  addRelaunchCommand(program, context)
  addAlertsCommand(program, context)
  addClustersCommand(program, context)
  addInstancesCommand(program, context)
  addProvidersCommand(program, context)
  addEnginesCommand(program, context)
  addBatchCommand(program, context)
  addWorkerCommand(program, context)
  addWorkersCommand(program, context)
  addGpusCommand(program, context)
  addDocumentCommand(program, context)
  addTensorsCommand(program, context)
  addSyncCommand(program, context)
  addBridgeCommand(program, context)
  addLinkCommand(program, context)
  addTokenCommands(program, context)
  addServiceCommand(program, context)
  addWandbCommand(program, context)
  nameHelp(program, program.name())
  return program
}

/** What is wrong with a command line is followed by where its help is. */
function nameHelp(command: Command, name: string): void {
  command.showHelpAfterError(`(${name} --help shows what there is)`)
  for (const one of command.commands) nameHelp(one, `${name} ${one.name()}`)
}

function viewExitCodes(): string {
  const lines = Object.values(exitCodes).map(({ code, meaning }) => `  ${code}  ${meaning}`)
  return `\nExit codes:\n${lines.join('\n')}\n  «run» ends with the exit code of its command, «launch --follow» with that of the job.`
}
