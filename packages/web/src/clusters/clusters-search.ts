import type { StartQuery } from '@pilothouse/contract'
import { readDuration } from '@pilothouse/contract/wire'
import { readChoice } from '../app/search-params.ts'
import { readUsageFrame, type UsageFrame } from '../usage/usage-frame.ts'

export const gpuGroupings = ['type', 'partition', 'node'] as const
export type GpuGrouping = (typeof gpuGroupings)[number]

/** The page of all clusters as its address has it. */
export type ClustersSearch = {
  /** The text of `clusters.yaml` is open. */
  edit?: 'file'
}

export function readClustersSearch(raw: Record<string, unknown>): ClustersSearch {
  const edit = readChoice(raw['edit'], ['file'] as const)
  return edit === undefined ? {} : { edit }
}

/** The page of a cluster as its address has it; absent = default. */
export type ClusterSearch = {
  /** What is asked for; absent = 1. */
  gpus?: number
  type?: string
  nodes?: number
  /** As `8h`. */
  for?: string
  by?: Exclude<GpuGrouping, 'type'>
  /** The history of the cluster is open, over so many days. */
  history?: UsageFrame
}

/** Of GPUs and nodes that can be asked for. */
const countMax = 100_000

export function readClusterSearch(raw: Record<string, unknown>): ClusterSearch {
  const { type, for: time } = raw
  const [gpus, nodes] = [raw['gpus'], raw['nodes']].map(readCount)
  const by = readChoice(raw['by'], gpuGroupings)
  return {
    ...(gpus === undefined || gpus === 1 ? {} : { gpus }),
    ...(typeof type === 'string' && type !== '' ? { type } : {}),
    ...(nodes === undefined ? {} : { nodes }),
    ...(typeof time === 'string' && readSeconds(time) !== undefined ? { for: time } : {}),
    ...(by === undefined || by === 'type' ? {} : { by }),
    ...readUsageFrame(raw),
  }
}

/** What is asked of the server. */
export function toWish({ gpus = 1, type, nodes, for: time }: ClusterSearch): StartQuery {
  const seconds = time === undefined ? undefined : readSeconds(time)
  return {
    gpus,
    ...(type === undefined ? {} : { type }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(seconds === undefined ? {} : { seconds }),
  }
}

/** `8h`, `30m`, `2d12h`; undefined for anything else. */
export function readSeconds(text: string): number | undefined {
  const ms = readDuration(text.replaceAll(/\s/g, ''))
  return ms === undefined || ms < 1000 ? undefined : Math.ceil(ms / 1000)
}

/** A whole number from the address or a field; undefined for anything else. */
export function readCount(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= countMax
    ? number
    : undefined
}
