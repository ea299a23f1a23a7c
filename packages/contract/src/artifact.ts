/** Artifacts: where a thing that a job made or used is. Only its place, size and checksum are recorded, never its content. */
import { z } from 'zod'
import { artifactKinds, artifactDirections } from './artifact-kind.ts'
import { cleanText } from './clean-text.ts'
import { jsonObject } from './json-object.ts'
import { limits } from './limits.ts'

const place = cleanText(limits.uriLengthMax, 1)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')

export const artifactFile = z.object({
  /** Relative to the artifact's own place. */
  path: place,
  bytes: z.int().min(0),
  /** null when the file was too large to read through. */
  sha256: sha256.nullable(),
})
export type ArtifactFile = z.infer<typeof artifactFile>

/** An artifact inside a report. The same name again is the next version of it, unless nothing about it changed. */
export const artifactEvent = z
  .object({
    name: cleanText(limits.nameLengthMax, 1),
    kind: z.enum(artifactKinds),
    direction: z.enum(artifactDirections).default('output'),
    /** A path on `host`, or a URL. Of a deployment an http or https URL. */
    uri: place,
    host: cleanText(limits.nameLengthMax).nullable().default(null),
    /** Client's clock, ms. */
    at: z.number(),
    step: z.number().nullable().default(null),
    bytes: z.int().min(0).nullable().default(null),
    /** Of a file its SHA-256, of a folder that of its files' names and sums; null when unknown. */
    sha256: sha256.nullable().default(null),
    /** Files of a folder, as many as are listed. */
    files: z.array(artifactFile).max(limits.artifactFilesMax).default([]),
    /** How many files there are; more than `files` has when some were left out. */
    filesTotal: z.int().min(0).default(0),
    metadata: jsonObject.default({}),
  })
  .refine(({ kind, uri }) => kind !== 'deployment' || /^https?:\/\//i.test(uri), {
    message: 'an address that begins with http:// or https://',
    path: ['uri'],
  })
export type ArtifactEvent = z.infer<typeof artifactEvent>

/** An artifact as the job's page lists it. */
export const artifact = z.object({
  id: z.int(),
  name: z.string(),
  /** 1, 2, 3 … of one name. */
  version: z.int(),
  kind: z.enum(artifactKinds),
  direction: z.enum(artifactDirections),
  uri: z.string(),
  host: z.string().nullable(),
  attempt: z.int(),
  /** Server's clock, ms. */
  time: z.number(),
  step: z.number().nullable(),
  bytes: z.number().nullable(),
  sha256: z.string().nullable(),
  files: z.array(artifactFile),
  filesTotal: z.int(),
  metadata: jsonObject,
})
export type Artifact = z.infer<typeof artifact>
