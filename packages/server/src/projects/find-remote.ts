/** Where others than this machine could fetch the code of a launch from. Pure. */
import { type LaunchCode, type Project, readProjectPlace } from '@pilothouse/contract'
import type { CodeSource } from '@pilothouse/fleet'

/** @returns in words why it has to be sent from here */
export function findRemote(
  { source, code: facts }: Pick<Project, 'source' | 'code'>,
  code: LaunchCode,
): CodeSource | string {
  if (source === null || facts === null) return 'its code was not read yet'
  if (!facts.isGit) return 'git knows nothing of the folder'
  const count = code.kind === 'commit' ? 0 : facts.changed + facts.untracked
  if (count > 0) return count === 1 ? 'one file differs from the commit' : `${count} files differ from the commit`
  const commit = code.kind === 'commit' ? code.commit : (facts.commit?.id ?? null)
  if (commit === null) return 'there is no commit yet'
  const url = source.kind === 'git' ? source.place : facts.remote?.url
  if (url === undefined) return 'the repository has no remote'
  const place = readProjectPlace(url)
  if (!('kind' in place) || place.kind !== 'git') return `its remote is no address that others can fetch from (${url})`
  return { url, scheme: place.scheme, commit, within: facts.within }
}
