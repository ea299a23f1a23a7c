import { type Command, Option } from 'commander'
import type { Client } from '@pilothouse/client'
import type { Role, TokenInfo } from '@pilothouse/contract'
import { roles } from '@pilothouse/contract'
import { viewTokens } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { readSpan, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions } from '../server-options.ts'
import { useAccess } from '../use-access.ts'

type CreateOptions = ServerOptions & { role: Role; name: string; lifetime?: number; json?: boolean }
type ListOptions = ServerOptions & { json?: boolean }

const examples = `
Examples:
  pilothouse token create --role reporter --name cluster > report.token
  pilothouse token create --role viewer --lifetime 7d
  pilothouse token list
  pilothouse token revoke 3`

export function addTokenCommands(program: Command, context: CommandContext): void {
  const token = program.command('token').description('Make, list and end tokens.').addHelpText('after', examples)
  const create = token
    .command('create')
    .description('Make a token and print it, nothing else. It is shown this once.')
    .addOption(new Option('--role <role>', 'what its bearer may do').choices(roles).makeOptionMandatory())
    .option('--name <name>', 'what it is for', 'command line')
    .option('--lifetime <span>', 'ends after this time, as 12h or 7d; without it, never', readSpan)
    .option('--json', 'print JSON')
  addServerOptions(create).action((options: CreateOptions) => createToken(options, context))
  const list = token
    .command('list')
    .description('Show all tokens, without their secrets.')
    .option('--json', 'print JSON')
  addServerOptions(list).action((options: ListOptions) => listTokens(options, context))
  const revoke = token
    .command('revoke')
    .argument('<id>', 'as «token list» shows it', wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }))
    .description('End a token now.')
  addServerOptions(revoke).action((id: number, options: ServerOptions) => revokeToken(id, options, context))
}

async function createToken(
  { role, name, lifetime, json, ...server }: CreateOptions,
  context: CommandContext,
): Promise<void> {
  const body = { role, name, ...(lifetime === undefined ? {} : { lifetimeMs: lifetime }) }
  const token = await useAccess(server, context, (client) => client.call('access.create-token', { body }))
  context.world.stdout.write(`${json ? JSON.stringify(token) : token.secret}\n`)
}

async function listTokens({ json, ...server }: ListOptions, context: CommandContext): Promise<void> {
  const tokens = await useAccess(server, context, readTokens)
  const { stdout, now } = context.world
  const lines = viewTokens(tokens, { paint: stdout.paint, width: stdout.width(), now: now() })
  stdout.write(json ? `${JSON.stringify({ tokens })}\n` : `${lines.join('\n')}\n`)
}

async function readTokens(client: Client): Promise<TokenInfo[]> {
  const all: TokenInfo[] = []
  let cursor: string | null = null
  do {
    const page: { tokens: TokenInfo[]; next: string | null } = await client.call('access.tokens', {
      query: cursor === null ? {} : { cursor },
    })
    all.push(...page.tokens)
    cursor = page.next
  } while (cursor !== null)
  return all
}

async function revokeToken(id: number, server: ServerOptions, context: CommandContext): Promise<void> {
  await useAccess(server, context, (client) => client.call('access.revoke-token', { params: { id } }))
  context.world.stderr.write(`Token ${id} has ended.\n`)
}
