import { parseJson } from '../jobs/parse-json.ts'
import type { StorageContext } from '../storage/operation.ts'

/** A channel is deleted: budgets do not tell on it any more. */
export async function forgetInBudgets({ db }: StorageContext, channelId: number): Promise<void> {
  const rows = await db.selectFrom('budget').select(['id', 'channels']).execute()
  for (const { id, channels } of rows) {
    const before = parseJson<number[]>(channels)
    if (!before.includes(channelId)) continue
    const left = JSON.stringify(before.filter((one) => one !== channelId))
    await db.updateTable('budget').set({ channels: left }).where('id', '=', id).execute()
  }
}
