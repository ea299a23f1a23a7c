import { join } from 'node:path'
import type { World } from './world.ts'

type Place = Pick<World, 'environment' | 'platform' | 'home'>

/** Where the control room keeps its data when nobody says: `$PILOTHOUSE_DATA`, else where the system keeps such things. */
export function findDataFolder(place: Place): string {
  return place.environment['PILOTHOUSE_DATA'] || join(findBaseFolder(place), 'pilothouse')
}

/** The demonstration keeps out of the way of the real one. */
export function findDemoFolder(place: Place): string {
  return join(findBaseFolder(place), 'pilothouse-demo')
}

function findBaseFolder({ environment, platform, home }: Place): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  return environment['XDG_DATA_HOME'] || join(home, '.local', 'share')
}
