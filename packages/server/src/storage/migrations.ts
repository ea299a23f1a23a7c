/** All migrations in the order in which they run. One that has landed never changes; a new one goes to the end. */
import { seriesMigrations } from '@pilothouse/series'
import { startMigration } from './migrations/0001-start.ts'
import { ownerMigration } from './migrations/0002-owner.ts'
import { upkeepMigration } from './migrations/0004-upkeep.ts'
import { samplesMigration } from './migrations/0003-samples.ts'
import { retentionMigration } from './migrations/0006-retention.ts'
import { sortingMigration } from './migrations/0007-sorting.ts'
import { lastWordMigration } from './migrations/0008-last-word.ts'
import { searchMigration } from './migrations/0009-search.ts'
import { notesMigration } from './migrations/0012-notes.ts'
import { viewsMigration } from './migrations/0013-views.ts'
import { searchValuesMigration } from './migrations/0014-search-values.ts'
import { alertRulesMigration } from './migrations/0015-alert-rules.ts'
import { costMigration } from './migrations/0016-cost.ts'
import { steeringMigration } from './migrations/0017-steering.ts'
import { schedulesMigration } from './migrations/0018-schedules.ts'
import { proposalsMigration } from './migrations/0019-proposals.ts'
import { copiesMigration } from './migrations/0020-copies.ts'
import { priceIndexMigration } from './migrations/0021-price-index.ts'
import { projectsMigration } from './migrations/0023-projects.ts'
import { epochsMigration } from './migrations/0024-epochs.ts'
import { launchesMigration } from './migrations/0025-launches.ts'
import { recordsMigration } from './migrations/0026-records.ts'
import { wandbMigration } from './migrations/0027-wandb.ts'
import { attemptReasonMigration } from './migrations/0028-attempt-reason.ts'
import { arraysMigration } from './migrations/0029-arrays.ts'
import { filesMigration } from './migrations/0030-files.ts'
import { enginesMigration } from './migrations/0031-engines.ts'
import { batchesMigration } from './migrations/0032-batches.ts'
import { servingsMigration } from './migrations/0033-servings.ts'
import { launchedWorkersMigration } from './migrations/0034-launched-workers.ts'
import { instancesMigration } from './migrations/0035-instances.ts'
import { budgetsMigration } from './migrations/0036-budgets.ts'
import { alertAnomaliesMigration } from './migrations/0037-alert-anomalies.ts'
import { instanceLogsMigration } from './migrations/0038-instance-logs.ts'
import type { ColumnTypes, Migration } from './migration.ts'

export const migrations: readonly Migration[] = [
  { name: '0001-start', statements: startMigration },
  ...seriesMigrations.map((statements, at) => ({ name: `series-${String(at + 1).padStart(4, '0')}`, statements })),
  { name: '0004-upkeep', statements: upkeepMigration },
  { name: '0003-samples', statements: samplesMigration },
  { name: '0006-retention', statements: retentionMigration },
  { name: '0002-owner', statements: ownerMigration },
  { name: '0007-sorting', statements: sortingMigration },
  { name: '0008-last-word', statements: lastWordMigration },
  { name: '0009-search', statements: searchMigration },
  { name: '0012-notes', statements: notesMigration },
  { name: '0013-views', statements: viewsMigration },
  { name: '0014-search-values', statements: searchValuesMigration },
  { name: '0015-alert-rules', statements: alertRulesMigration },
  { name: '0016-cost', statements: costMigration },
  { name: '0017-steering', statements: steeringMigration },
  { name: '0018-schedules', statements: schedulesMigration },
  { name: '0019-proposals', statements: proposalsMigration },
  { name: '0020-copies', statements: copiesMigration },
  { name: '0021-price-index', statements: priceIndexMigration },
  { name: '0023-projects', statements: projectsMigration },
  { name: '0024-epochs', statements: epochsMigration },
  { name: '0025-launches', statements: launchesMigration },
  { name: '0026-records', statements: recordsMigration },
  { name: '0027-wandb', statements: wandbMigration },
  { name: '0028-attempt-reason', statements: attemptReasonMigration },
  { name: '0029-arrays', statements: arraysMigration },
  { name: '0030-files', statements: filesMigration },
  { name: '0031-engines', statements: enginesMigration },
  { name: '0032-batches', statements: batchesMigration },
  { name: '0033-servings', statements: servingsMigration },
  { name: '0034-launched-workers', statements: launchedWorkersMigration },
  { name: '0035-instances', statements: instancesMigration },
  { name: '0036-budgets', statements: budgetsMigration },
  { name: '0037-alert-anomalies', statements: alertAnomaliesMigration },
  { name: '0038-instance-logs', statements: instanceLogsMigration },
]

export const sqliteTypes: ColumnTypes = {
  dialect: 'sqlite',
  id: 'integer primary key autoincrement',
  int64: 'integer',
  float64: 'real',
  blob: 'blob',
  bool: 'integer',
  json: 'text',
}
