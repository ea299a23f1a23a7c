/** What statistics need of a job beside its attempts, without its wide row. */
export function priceIndexMigration(): string[] {
  return ['create index job_by_price on job (id, gpus, hour_cost)']
}
