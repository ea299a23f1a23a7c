/** Where `pilothouse top` takes its rows from: invented machines, providers asked by the screen itself, or a control room. */
import { createClient } from '@pilothouse/client'
import { openMock, type MockPlace } from '@pilothouse/fleet'
import { combinePatterns, type HealthProfile, healthProfiles } from '@pilothouse/signals'
import { type LookAtMachine, openProviderSource, openServerSource, type TopSource } from '@pilothouse/terminal/top'
import { CommandError } from '../exit-code.ts'
import { findServer, type ServerOptions } from '../find-server.ts'
import type { World } from '../world.ts'
import { fetchOverHttp } from './fetch-over-http.ts'
import { type Asked, type OpenedSource, readShared } from './opened-source.ts'
import type { TopSettings } from './top-settings.ts'

const askMsMax = 2_000

const ways = [
  'pilothouse top --mock                      invented machines, to try it out',
  'pilothouse top --all, or --instances IDS   rented machines, asked for at their provider',
  'pilothouse serve, then pilothouse top      jobs of a control room; --url names another one',
]

/** @throws CommandError `noServer` that names the ways there are; `refused` where a key is missing, and where it was looked for */
export async function openTopSource(settings: TopSettings, server: ServerOptions, world: World): Promise<OpenedSource> {
  if (settings.mock) return alone(openMockSource(settings), 'providers')
  const isNamed = server.url !== undefined || server.data !== undefined || settings.url !== undefined
  const asksProviders =
    settings.instances !== undefined || settings.providers !== undefined || (settings.all && !isNamed)
  // What it takes to ask them is loaded only then: a screen that asks a control room is smaller by 5 MB.
  if (asksProviders) {
    const { openProviders } = await import('./open-providers.ts')
    return openProviders(settings, world)
  }
  return alone(await openServer(settings, server, world), 'controlRoom')
}

function alone(source: TopSource, asks: Asked): OpenedSource {
  return { source, asks, close: () => source.close() }
}

function openMockSource(settings: TopSettings): TopSource {
  const mock = openMock({ now: Date.now, ...(settings.instances && { ids: settings.instances }) })
  const look: LookAtMachine = ({ id }, { after, linesMax }) =>
    Promise.resolve({ ...mock.readLog(id, after as MockPlace | null, linesMax), gpus: [] }) // what it gave before
  return openProviderSource({
    ...readShared(settings),
    providers: [{ provider: mock.provider, name: 'mock', look }],
    wanted: null,
    patterns: combinePatterns(settings.patterns ?? []),
    label: 'mock: invented machines',
  })
}

async function openServer(settings: TopSettings, options: ServerOptions, world: World): Promise<TopSource> {
  const { url, token } = find(settings, options, world)
  const client = createClient({ baseUrl: url, token, fetch: fetchOverHttp })
  const profile = settings.profile ?? (await askProfile(client))
  return openServerSource({ ...readShared({ ...settings, profile }), client, all: settings.all ?? false })
}

/** What counts as healthy in the control room. One that does not answer is told of by the source. */
async function askProfile(client: ReturnType<typeof createClient>): Promise<HealthProfile> {
  const asked = client.call('access.session', { signal: AbortSignal.timeout(askMsMax) })
  return asked.then(
    ({ health }) => health,
    () => healthProfiles.default,
  )
}

function find(settings: TopSettings, options: ServerOptions, world: World): { url: string; token: string } {
  const { tokenFile, url } = settings
  const environment = {
    ...world.environment,
    ...(tokenFile !== undefined && { PILOTHOUSE_TOKEN: undefined, PILOTHOUSE_TOKEN_FILE: tokenFile }),
  }
  try {
    return findServer({ ...(url !== undefined && { url }), ...options }, { ...world, environment })
  } catch (error) {
    if (!(error instanceof CommandError) || error.exit !== 'noServer') throw error
    throw new CommandError('noServer', 'There is nothing to show: no control room is known here.', {
      ...(error.why !== undefined && { why: error.why }),
      next: `There are three ways:\n      ${ways.join('\n      ')}`,
    })
  }
}
