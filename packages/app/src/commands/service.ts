import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, type Command, Option } from 'commander'
import { house } from '../find-house.ts'
import type { CommandContext } from '../run-cli.ts'
import { labelOf, writePlist } from '../service/write-plist.ts'
import { type Service, writeUnit } from '../service/write-unit.ts'
import { readTopOptions } from '../top/read-top-options.ts'
import type { World } from '../world.ts'

type Platform = 'systemd' | 'launchd'
type Options = { platform?: Platform }

const names = ['serve', 'top'] as const
type Name = (typeof names)[number]
const descriptions: Readonly<Record<Name, string>> = {
  serve: 'pilothouse, a control room for machine-learning jobs',
  top: 'pilothouse top, a line for each change of jobs or rented machines',
}

const examples = `
It prints and changes nothing. What stands behind -- is given to the command.

Examples:
  pilothouse service serve > ~/.config/systemd/user/pilothouse-serve.service
  pilothouse service top -- --all --interval 30 > ~/.config/systemd/user/pilothouse-top.service
  pilothouse service serve --platform launchd > ~/Library/LaunchAgents/pilothouse.serve.plist`

/** Adds `service`, which prints what systemd or launchd start pilothouse by. */
export function addServiceCommand(program: Command, { world }: CommandContext): void {
  program
    .command('service')
    .addArgument(new Argument('<command>', 'what is to run').choices(names))
    .argument('[args...]', 'its options, behind --')
    .description('Print a unit of systemd, or an agent of launchd, that keeps pilothouse running.')
    .option('--print', 'print it (it always does)')
    .addOption(
      new Option('--platform <name>', 'who starts it (default: that of this system)').choices(['systemd', 'launchd']),
    )
    .addHelpText('after', examples)
    .action((name: Name, args: string[], options: Options) => print(name, args, options, world))
}

function print(name: Name, args: readonly string[], { platform }: Options, world: World): void {
  if (name === 'top') readTopOptions(args)
  const chosen = platform ?? (world.platform === 'darwin' ? 'launchd' : 'systemd')
  const command = [...findProgram(world), name, ...args]
  const service: Service = { name, description: descriptions[name], command, home: world.home }
  world.stdout.write(chosen === 'launchd' ? writePlist(service) : writeUnit(service))
  world.stderr.write(`${describeInstallation(chosen, name).join('\n')}\n`)
}

/** How this very pilothouse is started, wherever it was installed. */
function findProgram({ nodePath }: World): string[] {
  const launcher = join(house, 'packages', 'app', 'bin', 'pilothouse')
  return existsSync(launcher) ? [launcher] : [nodePath, join(house, 'dist', 'launch.js')]
}

function describeInstallation(platform: Platform, name: Name): string[] {
  if (platform === 'launchd') {
    const path = `~/Library/LaunchAgents/${labelOf(name)}.plist`
    return [
      'To install it:',
      `  pilothouse service ${name} --platform launchd > ${path}`,
      `  launchctl bootstrap gui/$(id -u) ${path}`,
      `It writes to ~/Library/Logs/pilothouse-${name}.log; «launchctl bootout gui/$(id -u)/${labelOf(name)}» ends it.`,
    ]
  }
  const unit = `pilothouse-${name}.service`
  return [
    'To install it:',
    `  pilothouse service ${name} > ~/.config/systemd/user/${unit}`,
    `  systemctl --user daemon-reload && systemctl --user enable --now ${unit}`,
    `  loginctl enable-linger    so that it runs while you are not signed in`,
    `It writes to the journal: journalctl --user -u ${unit} -f. Keys go into ~/.config/pilothouse/${name}.env.`,
  ]
}
