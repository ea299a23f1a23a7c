/** Rows of batches, as operations find them. */
import type { Kysely, Selectable } from 'kysely'
import type { BatchTable } from '../storage/batch-tables.ts'
import type { Actor } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

/** A batch with the name of its owner. */
export type BatchRow = Selectable<BatchTable> & { owner_name: string | null }

/** Whose batches are looked through: of one member, or all of them. */
export type BatchReader = Pick<Actor, 'memberId' | 'all'>

/** Of all where there is no reader: for the server itself. */
export function selectBatches(db: Kysely<Tables>, reader?: BatchReader) {
  return db
    .selectFrom('batch')
    .leftJoin('member', 'member.id', 'batch.owner_id')
    .selectAll('batch')
    .select('member.name as owner_name')
    .$if(reader?.all === false, (builder) => builder.where('batch.owner_id', '=', reader?.memberId ?? 0))
}

export async function findRow(db: Kysely<Tables>, id: string, reader?: BatchReader): Promise<BatchRow | null> {
  return (await selectBatches(db, reader).where('batch.id', '=', id).executeTakeFirst()) ?? null
}
