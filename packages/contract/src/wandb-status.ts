/**
 * How a run that a job reports to Weights & Biases is followed.
 *
 *   waiting ─▶ synced ─▶ finished
 *      └─▶ needs-key | refused | missing | delayed ─▶ (asked again) ─▶ … ─▶ given-up
 */
export const wandbStatuses = [
  'waiting',
  'synced',
  'needs-key',
  'refused',
  'missing',
  'delayed',
  'finished',
  'given-up',
] as const
export type WandbStatus = (typeof wandbStatuses)[number]

/** Where the API of the public service is. */
export const wandbService = 'https://api.wandb.ai'

/** The API of the W&B server with this address: its origin, except that the public service has its page elsewhere. */
export function toWandbApi(url: string): string {
  const { origin, hostname } = new URL(url)
  return hostname === 'wandb.ai' || hostname === 'www.wandb.ai' ? wandbService : origin
}

/** The page of the W&B server with this API. */
export function toWandbPage(baseUrl: string): string {
  return baseUrl === wandbService ? 'https://wandb.ai' : baseUrl
}
