/** The command line of `pilothouse top`. Read without a library: what is not loaded takes no room all day. */
import { parseArgs } from 'node:util'
import { PilothouseError } from '@pilothouse/contract/wire'
import { compilePattern, readHealthProfile } from '@pilothouse/signals'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import {
  type AskedProvider,
  askedProviders,
  themes,
  topLimits,
  type TopSettings,
  type TopTheme,
} from './top-settings.ts'

export type TopOptions = {
  settings: TopSettings
  /** Of the control room that is to be asked. */
  server: ServerOptions
  config?: string | undefined
  once: boolean
  json: boolean
  help: boolean
}

const options = {
  instances: { type: 'string' },
  all: { type: 'boolean' },
  interval: { type: 'string' },
  mock: { type: 'boolean' },
  provider: { type: 'string', multiple: true },
  url: { type: 'string' },
  server: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  data: { type: 'string' },
  'read-only': { type: 'boolean' },
  theme: { type: 'string' },
  profile: { type: 'string' },
  'log-pattern': { type: 'string', multiple: true },
  config: { type: 'string' },
  once: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

export const topHelp = `Usage: pilothouse top [options]

Shows jobs of a control room, or rented machines, in the terminal: progress, loss, use, cost, logs. ? lists its keys.
Without a terminal it prints one line for each change, for nohup and journals.

Where from:
  (nothing)                  the control room that runs here, or that PILOTHOUSE_URL names
  --url, --server <url>      this control room; with --token, --token-file or --data as other commands
  --instances <id,id>        these rented machines, asked for at their provider; nothing else has to run
  --all                      all machines of the account; of a control room all jobs, however old
  --provider <name>          ${askedProviders.join(' or ')}; may be repeated (default: those that a key is found for)
  --mock                     invented machines, to try it out

How:
  --interval <seconds>       how often machines are looked at (default: ${topLimits.intervalS}); providers set bounds of their own
  --read-only                nothing can be stopped, paused or saved from here
  --theme <name>             ${themes.join(', ')}
  --profile <name>           what counts as healthy: default or seed
  --log-pattern <regex>      what lines of logs say, with named groups; may be repeated
  --config <file>            instead of ~/.config/pilothouse/top.yaml, top.yml or top.toml
  --once                     prints the table once, and ends
  --json                     with --once: as JSON
  -h, --help                 show this help

Examples:
  pilothouse top --mock
  pilothouse top --instances 30007012,30007267 --interval 5
  VAST_API_KEY=… pilothouse top --all
  pilothouse top --once --json
  nohup pilothouse top --all > monitor.log &

Exit codes: 0 done, 1 it did not work, 2 the command line or the file is wrong, 3 nothing to show is known, 4 a key or token is refused
`

/** @throws CommandError `usage` that says what is allowed */
export function readTopOptions(args: readonly string[]): TopOptions {
  const values = parse(args)
  const settings: TopSettings = {
    ...(values.instances !== undefined && { instances: readIds(values.instances) }),
    ...(values.all && { all: true }),
    ...(values.mock && { mock: true }),
    ...(values['read-only'] && { readOnly: true }),
    ...(values.interval !== undefined && { interval: readInterval(values.interval) }),
    ...(values.provider && { providers: values.provider.map(readProvider) }),
    ...(values.theme !== undefined && { theme: readTheme(values.theme) }),
    ...(values.profile !== undefined && { profile: readProfile(values.profile) }),
    ...(values['log-pattern'] && { patterns: values['log-pattern'].map(readPattern) }),
    ...(values['token-file'] !== undefined && { tokenFile: values['token-file'] }),
  }
  if (values.json && !values.once) throw wrong('--json goes with --once.')
  const url = values.url ?? values.server
  const server = {
    ...(url !== undefined && { url }),
    ...(values.token !== undefined && { token: values.token }),
    ...(values.data !== undefined && { data: values.data }),
  }
  return {
    settings,
    server,
    config: values.config,
    once: values.once ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    const said = error instanceof Error ? (error.message.split(/\. (?=To )/)[0] ?? '') : String(error)
    const names = Object.keys(options).map((name) => `--${name}`)
    throw wrong(`${said.replace(/\.$/, '')}.`, `There are ${names.join(', ')}.`)
  }
}

function readIds(text: string): string[] {
  const ids = text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  const bad = ids.find((id) => !/^[\w-]+$/.test(id))
  if (ids.length > 0 && bad === undefined) return [...new Set(ids)]
  throw wrong(`--instances: ids of machines are wanted, as 30007012,30007267, not «${bad ?? text}».`)
}

function readInterval(text: string): number {
  const { intervalMinS, intervalMaxS } = topLimits
  const value = Number(text)
  if (text.trim() !== '' && value >= intervalMinS && value <= intervalMaxS) return value
  throw wrong(`--interval: seconds from ${intervalMinS} to ${intervalMaxS} are wanted, not «${text}».`)
}

function readProvider(text: string): AskedProvider {
  const found = askedProviders.find((one) => one === text)
  if (found) return found
  throw wrong(`--provider: ${askedProviders.join(' or ')} is wanted, not «${text}».`)
}

function readTheme(text: string): TopTheme {
  const found = themes.find((one) => one === text)
  if (found) return found
  throw wrong(`--theme: ${themes.join(', ')} are there, not «${text}».`)
}

function readProfile(text: string): NonNullable<TopSettings['profile']> {
  try {
    return readHealthProfile(text)
  } catch (error) {
    throw wrong(`--profile: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readPattern(regex: string): { name: string; regex: string } {
  const pattern = { name: regex, regex }
  try {
    compilePattern(pattern)
    return pattern
  } catch (error) {
    if (error instanceof PilothouseError) throw wrong(`--log-pattern: ${error.message}`)
    throw error
  }
}

function wrong(what: string, next = 'pilothouse top --help shows what there is.'): CommandError {
  return new CommandError('usage', what, { next })
}
