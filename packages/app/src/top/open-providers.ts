/** Rented machines, asked for at their providers by the screen itself, and looked at over ssh. */
import { findProviderKey, openRunpod, openVast, type Provider } from '@pilothouse/fleet'
import { combinePatterns } from '@pilothouse/signals'
import { openProviderSource, type WatchedProvider } from '@pilothouse/terminal/top'
import { CommandError } from '../exit-code.ts'
import type { World } from '../world.ts'
import { openMachineLooks } from './open-machine-look.ts'
import { type OpenedSource, readShared } from './opened-source.ts'
import { type AskedProvider, askedProviders, type TopSettings } from './top-settings.ts'

const providerNames: Readonly<Record<AskedProvider, string>> = { vast: 'vast.ai', runpod: 'RunPod' }

/** @throws CommandError `refused` where a key is missing, and where it was looked for */
export async function openProviders(settings: TopSettings, world: World): Promise<OpenedSource> {
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
    ...readShared(settings),
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
