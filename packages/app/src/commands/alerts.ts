import type { Command } from 'commander'
import type { AlertStatus } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract'
import { viewAlerts } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { gather, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type AlertsOptions = ServerOptions & { all?: boolean; job?: string[]; limit: number; json?: boolean }
type EditOptions = ServerOptions & { json?: boolean }

const examples = `
Examples:
  pilothouse alerts                     what needs somebody
  pilothouse alerts --all --job <uid>   all that a job had
  pilothouse alerts acknowledge 12 13   I am on it
  pilothouse alerts resolve 12          it is over
  pilothouse alerts --json              for scripts: {"alerts": […], "open": {…}}`

export function addAlertsCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('alerts')
    .description('List alerts that are open, newest first.')
    .option('--all', 'those that are resolved, too')
    .option('--job <uid>', 'of this job; may be repeated', gather)
    .option('--limit <count>', 'at most so many', wholeNumber({ min: 1, max: limits.alertPageMax }), 20)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((options: AlertsOptions) => listAlerts(options, world))
  addEditCommand(command, { name: 'acknowledge', status: 'acknowledged', what: 'Take alerts on.' }, world)
  addEditCommand(command, { name: 'resolve', status: 'resolved', what: 'Say that alerts are over.' }, world)
}

async function listAlerts({ all, job, limit, json, ...server }: AlertsOptions, world: World): Promise<void> {
  const status: AlertStatus[] = ['raised', 'acknowledged']
  const query = { limit, ...(all ? {} : { status }), ...(job ? { job } : {}) }
  const page = await connect(server, world).call('alerts.list', { query })
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify(page)}\n`)
  const lines = viewAlerts(page, { paint: stdout.paint, width: stdout.width(), now: world.now() })
  stdout.write(`${lines.join('\n')}\n`)
}

type Edit = { name: string; status: AlertStatus; what: string }

function addEditCommand(alerts: Command, { name, status, what }: Edit, world: World): void {
  const command = alerts
    .command(name)
    .description(what)
    .argument('<ids...>', 'ids as `pilothouse alerts` prints them', gatherIds)
    .option('--json', 'print JSON')
  addServerOptions(command).action(async (ids: number[], { json, ...server }: EditOptions) => {
    const edited = await connect(server, world).call('alerts.edit-many', { body: { ids, status } })
    if (json) return world.stdout.write(`${JSON.stringify(edited)}\n`)
    const found = new Map(edited.alerts.map((alert) => [alert.id, alert]))
    for (const id of ids) {
      const alert = found.get(id)
      world.stdout.write(alert ? `${id} is ${alert.status}: ${alert.title}\n` : `There is no alert ${id}.\n`)
    }
  })
}

const readId = wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER })

function gatherIds(text: string, before: number[] = []): number[] {
  return [...before, readId(text)]
}
