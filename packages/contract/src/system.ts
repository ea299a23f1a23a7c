/** How the server itself is: `GET /api/system` and what an admin does for its upkeep. */
import { z } from 'zod'
import { jobStates } from './job-state.ts'

const share = z.number()

export const systemStatus = z.object({
  version: z.string(),
  node: z.string(),
  /** Server's clock, ms. */
  now: z.number(),
  startedAt: z.number(),
  uptimeMs: z.number(),
  database: z.object({
    kind: z.enum(['sqlite', 'postgres']),
    /** Bytes that it occupies, without its write-ahead log. */
    bytes: z.number(),
    /** Part of them that deleted rows left behind and new ones will use; null where the database does not tell. */
    freeBytes: z.number().nullable(),
    /** Bytes of its write-ahead log; null where it has none of its own. */
    logBytes: z.number().nullable(),
    /** False after a write found no space. */
    writable: z.boolean(),
  }),
  /** The metric store. */
  store: z.object({
    series: z.int(),
    points: z.number(),
    chunks: z.int(),
    chunkBytes: z.number(),
    /** Of sealed points; null while there are none. */
    bytesPerPoint: z.number().nullable(),
    /** Newest points, in memory and not in a chunk yet, and what they and their series take. */
    headPoints: z.number(),
    headBytes: z.number(),
    /** Beyond it the jobs heard of least recently leave memory. */
    headBytesMax: z.number(),
    /** When this was counted: at most once a minute. */
    countedAt: z.number(),
  }),
  jobs: z.object({
    total: z.int(),
    live: z.int(),
    byState: z.record(z.enum(jobStates), z.int()),
    /** Deleted, and to be had back for a while. */
    deleted: z.int(),
    /** Deleted for good, their data being removed. */
    removing: z.int(),
  }),
  /** Reports taken in over the last `windowMs`. */
  ingest: z.object({
    windowMs: z.number(),
    reportsPerSecond: z.number(),
    pointsPerSecond: z.number(),
    refused: z.int(),
    /** From the arrival of a report to its durable acknowledgement; null while there was none. */
    ackP50Ms: z.number().nullable(),
    ackP99Ms: z.number().nullable(),
  }),
  live: z.object({ subscribers: z.int(), topics: z.int(), ringBytes: z.number(), ringBytesMax: z.number() }),
  /** The thread that works on the database: the share of the last minute in which it was busy, 0 … 1. */
  storageThread: z.object({ utilisation: share, waiting: z.int() }),
  process: z.object({ pid: z.int(), rssBytes: z.number(), heapBytes: z.number(), utilisation: share }),
  disk: z.object({
    folder: z.string(),
    totalBytes: z.number(),
    freeBytes: z.number(),
    /** `low` below 10 % or 5 GB, `critical` below 2 % or 1 GB (the smaller of the two each). */
    level: z.enum(['ok', 'low', 'critical']),
  }),
  /** Background work that failed lately, newest first; it is tried again by itself. */
  troubles: z.array(z.object({ at: z.number(), task: z.string(), message: z.string() })),
})
export type SystemStatus = z.infer<typeof systemStatus>

export const usageQuery = z.object({
  by: z.enum(['job', 'project']).default('job'),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  /** From `next` of the page before. */
  cursor: z.string().max(1024).optional(),
})
export type UsageQuery = z.input<typeof usageQuery>

/** Jobs or projects by the space they take, largest first, as measured within the last minutes. */
export const usagePage = z.object({
  entries: z.array(
    z.object({
      /** Uid of the job, or name of the project. */
      id: z.string(),
      /** Name of the job, or of the project once more. */
      name: z.string(),
      project: z.string(),
      jobs: z.int(),
      points: z.number(),
      metricBytes: z.number(),
      logBytes: z.number(),
      /** Samples and artifacts. */
      fileBytes: z.number(),
      bytes: z.number(),
    }),
  ),
  /** Bytes of all jobs together. */
  totalBytes: z.number(),
  next: z.string().nullable(),
})
export type UsagePage = z.infer<typeof usagePage>
