/** Artifacts of jobs: recorded from reports, read for the job's page. */
import { type Artifact, type ArtifactEvent, limits } from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import { dropOldest } from '../jobs/drop-oldest.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { ArtifactTable, Tables } from '../storage/tables.ts'

export type WaitingArtifact = { event: ArtifactEvent; attempt: number; timeMs: number }

/** Records an artifact: the next version of its name, or the same one again. Beyond the bound the oldest versions go. */
export async function storeArtifact(
  db: Kysely<Tables>,
  jobId: number,
  { event, attempt, timeMs }: WaitingArtifact,
): Promise<void> {
  const last = await db
    .selectFrom('artifact')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('name', '=', event.name)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  const { at: _at, name, filesTotal, metadata, files, ...rest } = event
  const values = {
    ...rest,
    attempt,
    time_ms: timeMs,
    files: JSON.stringify(files),
    files_total: filesTotal,
    metadata: JSON.stringify(metadata),
  }
  if (last && isSame(last, event)) {
    await db.updateTable('artifact').set(values).where('id', '=', last.id).execute()
    return
  }
  await db
    .insertInto('artifact')
    .values({ ...values, job_id: jobId, name, version: (last?.version ?? 0) + 1 })
    .execute()
  await dropOldest(db, 'artifact', { jobId, keep: limits.jobArtifactsMax })
}

/** The thing itself is the same, whatever is said of it. */
function isSame(row: Selectable<ArtifactTable>, { kind, uri, host, sha256, bytes }: ArtifactEvent): boolean {
  if (row.kind !== kind) return false
  if (sha256 !== null) return row.sha256 === sha256
  return row.sha256 === null && row.uri === uri && row.host === host && row.bytes === bytes
}

/** Newest first, of each name the newest version. */
export async function readArtifacts(db: Kysely<Tables>, jobId: number): Promise<Artifact[]> {
  const rows = await db
    .selectFrom('artifact')
    .selectAll()
    .where('job_id', '=', jobId)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('artifact as newer')
            .select('newer.id')
            .where('newer.job_id', '=', jobId)
            .whereRef('newer.name', '=', 'artifact.name')
            .whereRef('newer.version', '>', 'artifact.version'),
        ),
      ),
    )
    .orderBy('id', 'desc')
    .limit(limits.jobArtifactsShown)
    .execute()
  return rows.map(toArtifact)
}

function toArtifact(row: Selectable<ArtifactTable>): Artifact {
  const { id, name, version, kind, direction, uri, host, attempt, step, bytes, sha256 } = row
  return {
    id,
    name,
    version,
    kind,
    direction,
    uri,
    host,
    attempt,
    step,
    bytes,
    sha256,
    time: row.time_ms,
    files: parseJson<Artifact['files']>(row.files),
    filesTotal: row.files_total,
    metadata: parseJson<Artifact['metadata']>(row.metadata),
  }
}
