import type { Command } from 'commander'
import type { CommandContext } from '../run-cli.ts'
import { topHelp } from '../top/read-top-options.ts'

/**
 * Names `top` among the commands. The launchers start it as a program of its own (`top/top.ts`), which is small; who comes by
 * here has started the large one by hand.
 */
export function addTopCommand(program: Command, { world, endWith }: CommandContext): void {
  const command = program
    .command('top')
    .description('Show jobs, or rented machines, live in the terminal.')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const { runTopCommand } = await import('../top/run-top-command.ts')
      endWith(await runTopCommand(command.args, world, process))
    })
  command.helpInformation = () => topHelp
}
