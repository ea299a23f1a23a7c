import type { Client } from '@pilothouse/client'
import type { HostKeys } from '@pilothouse/contract'
import { quoteShell } from '@pilothouse/fleet'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewHostKeys } from '@pilothouse/terminal'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'

type TrustOptions = ServerOptions & { fingerprint?: string; yes?: boolean; json?: boolean }
type ForgetOptions = ServerOptions & { fingerprint: string; json?: boolean }

const trustHelp = `
The administrator of the host can tell you which fingerprint is right. Hosts on the way (ProxyJump) come first. A key that is
another one than before is never accepted: forget the old one, if that is right.

Examples:
  pilothouse clusters trust dgx
  pilothouse clusters trust dgx --fingerprint SHA256:… --yes     without a question
  pilothouse clusters trust dgx --json                           shows the keys, accepts none: {"state", "host", "keys", "known", …}`

/** Adds the commands about keys of hosts, below `clusters`. */
export function addHostKeyCommands(clusters: Command, context: CommandContext): void {
  const trust = clusters
    .command('trust')
    .description('Show the key of the host that is not known yet on the way to a cluster or host, and accept it.')
    .argument('<cluster>', 'its name')
    .option('--fingerprint <fingerprint>', 'the key that is right; no other is accepted')
    .option('--yes', 'accept it without a question; takes --fingerprint')
    .option('--json', 'print JSON')
    .addHelpText('after', trustHelp)
  addServerOptions(trust).action((name: string, options: TrustOptions) => trustKeys(name, options, context))
  const forget = clusters
    .command('forget-key')
    .description('Take back a key that was accepted here.')
    .argument('<cluster>', 'its name')
    .requiredOption('--fingerprint <fingerprint>', 'of the key, as «clusters trust» prints it')
    .option('--json', 'print JSON')
  addServerOptions(forget).action((name: string, options: ForgetOptions) => forgetKey(name, options, context))
}

async function trustKeys(
  name: string,
  { fingerprint, yes = false, json = false, ...server }: TrustOptions,
  { world, endWith }: CommandContext,
): Promise<void> {
  if (yes && fingerprint === undefined)
    throw new CommandError('usage', 'No key was accepted.', {
      why: '--yes accepts a key without a question, and which one was not said.',
      next: 'Say --fingerprint SHA256:… as the administrator of the host told you.',
    })
  const client = connect(server, world)
  const tell = (keys: HostKeys): void => {
    if (!json) world.stdout.write(`${viewHostKeys(keys, world.stdout.paint).join('\n')}\n`)
  }
  const mayAccept = !json || yes
  let keys = await look(client, name)
  tell(keys)
  while (keys.state === 'unknown' && mayAccept) {
    const key = choose(keys, fingerprint)
    if (!yes && !(await isConfirmed(`Trust ${key}? [y/N] `, world))) break
    await client.call('clusters.trust', { params: { name }, body: { lookup: keys.lookup, fingerprint: key } })
    keys = await look(client, name)
    tell(keys)
    // The next one on the way is not the one that was named.
    if (fingerprint !== undefined) break
  }
  if (json) world.stdout.write(`${JSON.stringify(keys)}\n`)
  else if (keys.state === 'changed') world.stderr.write(`${explainChange(name, keys)}\n`)
  if (keys.state !== 'trusted') endWith(exitCodes.failed.code)
}

async function forgetKey(
  name: string,
  { fingerprint, json, ...server }: ForgetOptions,
  { world }: CommandContext,
): Promise<void> {
  const client = connect(server, world)
  const { lookup } = await look(client, name)
  await client.call('clusters.forget', { params: { name }, body: { lookup, fingerprint } })
  const keys = await look(client, name)
  const lines = json ? [JSON.stringify(keys)] : viewHostKeys(keys, world.stdout.paint)
  world.stdout.write(`${lines.join('\n')}\n`)
}

function look(client: Client, name: string): Promise<HostKeys> {
  return client.call('clusters.host-keys', { params: { name } })
}

/** @throws CommandError when the host shows no such key */
function choose({ host, keys }: HostKeys, wanted: string | undefined): string {
  const found = wanted === undefined ? keys[0] : keys.find(({ fingerprint }) => fingerprint === wanted)
  if (found) return found.fingerprint
  throw new CommandError('failed', 'No key was accepted.', {
    why: `${host} does not show the key ${wanted ?? ''}.`,
    next: 'Ask its administrator. Do not accept another one: somebody may stand in between.',
  })
}

/** @throws CommandError when nobody is there to answer */
async function isConfirmed(question: string, world: CommandContext['world']): Promise<boolean> {
  const answer = await world.ask(question)
  if (answer === null)
    throw new CommandError('usage', 'No key was accepted.', {
      why: 'Without a terminal nobody can confirm it.',
      next: 'Say --fingerprint SHA256:… and --yes.',
    })
  return /^y(es)?$/i.test(answer.trim())
}

function explainChange(name: string, { lookup, known }: HostKeys): string {
  const ways = known.map(({ fingerprint, file, isOurs }) =>
    isOurs
      ? `pilothouse clusters forget-key ${name} --fingerprint ${fingerprint}`
      : `ssh-keygen -R ${quoteShell(lookup)} -f ${quoteShell(file)}   (on the machine of the control room)`,
  )
  const words =
    'It was set up anew, or somebody stands in between. Ask who runs it. If the new key is right, forget the old:'
  return [words, ...new Set(ways)].map(sanitizeForTerminal).join('\n  ')
}
