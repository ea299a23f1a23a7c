/** Where `pilothouse top` takes its rows from: invented machines, providers asked by the screen itself, or a control room. */
import { createClient } from '@pilothouse/client'
import { findProviderKey, openMock, openRunpod, openVast, type MockPlace, type Provider } from '@pilothouse/fleet'
import { combinePatterns, type HealthProfile, healthProfiles } from '@pilothouse/signals'
import {
  type LookAtMachine,
  openProviderSource,
  openServerSource,
  realTimers,
  type TopSource,
  type WatchedProvider,
} from '@pilothouse/terminal/top'
import { CommandError } from '../exit-code.ts'
import { findServer, type ServerOptions } from '../find-server.ts'
import type { World } from '../world.ts'
import { fetchOverHttp } from './fetch-over-http.ts'
import { openMachineLooks } from './open-machine-look.ts'
import { type AskedProvider, askedProviders, topLimits, type TopSettings } from './top-settings.ts'

/** Who is asked. */
export type Asked = 'providers' | 'controlRoom'
/** `close` ends what the source alone does not: connections to machines. */
export type OpenedSource = { source: TopSource; asks: Asked; close(): Promise<void> }

const askMsMax = 2_000

const providerNames: Readonly<Record<AskedProvider, string>> = { vast: 'vast.ai', runpod: 'RunPod' }
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
  if (asksProviders) return openProviders(settings, world)
  return alone(await openServer(settings, server, world), 'controlRoom')
}

function alone(source: TopSource, asks: Asked): OpenedSource {
  return { source, asks, close: () => source.close() }
}

function common(settings: TopSettings) {
  return {
    intervalMs: (settings.interval ?? topLimits.intervalS) * 1_000,
    profile: settings.profile ?? healthProfiles.default,
    readOnly: settings.readOnly ?? false,
    timers: realTimers,
  }
}

function openMockSource(settings: TopSettings): TopSource {
  const mock = openMock({ now: Date.now, ...(settings.instances && { ids: settings.instances }) })
  const look: LookAtMachine = ({ id }, { after, linesMax }) =>
    Promise.resolve({ ...mock.readLog(id, after as MockPlace | null, linesMax), gpus: [] }) // what it gave before
  return openProviderSource({
    ...common(settings),
    providers: [{ provider: mock.provider, name: 'mock', look }],
    wanted: null,
    patterns: combinePatterns(settings.patterns ?? []),
    label: 'mock: invented machines',
  })
}

async function openProviders(settings: TopSettings, world: World): Promise<OpenedSource> {
  const looks = openMachineLooks(settings.logs, world)
  const opened = await Promise.all((settings.providers ?? askedProviders).map((kind) => openProvider(kind, world)))
  const found = opened.filter((one) => 'provider' in one)
  const missing = opened.filter((one) => 'lookedAt' in one)
  if (found.length === 0 || (settings.providers !== undefined && missing.length > 0)) throw noKey(missing)
  const providers = found.map(({ kind, provider }): WatchedProvider => ({
    provider,
    name: providerNames[kind],
    look: looks.lookBy(provider),
  }))
  const source = openProviderSource({
    ...common(settings),
    providers,
    wanted: settings.instances ?? null,
    patterns: combinePatterns(settings.patterns ?? []),
  })
  const close = async (): Promise<void> => {
    await source.close()
    await looks.close()
  }
  return { source, asks: 'providers', close }
}

type Missing = { kind: AskedProvider; lookedAt: readonly string[] }

async function openProvider(
  kind: AskedProvider,
  world: World,
): Promise<{ kind: AskedProvider; provider: Provider } | Missing> {
  const { environment, home } = world
  const found = await findProviderKey(kind, { environment, home })
  if (found.key === null) return { kind, lookedAt: found.looked }
  const { key } = found
  switch (kind) {
    case 'vast':
      return { kind, provider: openVast({ key, url: environment['VAST_URL'] || undefined }) }
    case 'runpod':
      return { kind, provider: openRunpod({ key, url: environment['RUNPOD_URL'] || undefined }) }
    default:
      return kind satisfies never
  }
}

function noKey(missing: readonly Missing[]): CommandError {
  const names = missing.map(({ kind }) => providerNames[kind]).join(' or ')
  const places = missing.map(({ kind, lookedAt }) => `${providerNames[kind]}: ${lookedAt.join(', ')}`)
  return new CommandError('refused', `There is no key for ${names}.`, {
    why: `It was looked for here. ${places.join('; ')}.`,
    next: 'Put it into one of these places; or try `pilothouse top --mock`, which needs none.',
  })
}

async function openServer(settings: TopSettings, options: ServerOptions, world: World): Promise<TopSource> {
  const { url, token } = find(settings, options, world)
  const client = createClient({ baseUrl: url, token, fetch: fetchOverHttp })
  const profile = settings.profile ?? (await askProfile(client))
  return openServerSource({ ...common({ ...settings, profile }), client, all: settings.all ?? false })
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
