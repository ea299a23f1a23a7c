/**
 * What checkpoint files hold: the tensors of one, the difference of two, and whether a file is whole. Figures are of
 * the elements that are finite numbers; null where there are none, or where a figure is not worked out, which a note
 * says.
 */
import { z } from 'zod'
import { tensorChanges, tensorDtypes } from './tensor-dtype.ts'

export const checkpointFormats = ['safetensors', 'torch'] as const

const figure = z.number().nullable()

export const tensorSummary = z.object({
  /**
   * Keys on the way to it, joined by dots; of a file beside the model its stem stands in front:
   * `optimizer.state.0.exp_avg`.
   */
  name: z.string(),
  /** Name of its file in the folder, or of the file itself. */
  file: z.string(),
  /** Null for a kind of tensor that is not looked into; the note says which. */
  dtype: z.enum(tensorDtypes).nullable(),
  shape: z.array(z.int()),
  /** Elements; 1 of a tensor without dimensions. */
  count: z.int(),
  /** `count` times the size of an element, wherever they lie. */
  bytes: z.int(),
  /** Euclidean length, √Σx². */
  norm: figure,
  mean: figure,
  min: figure,
  max: figure,
  /** Elements that are infinite or no number. */
  nonFinite: z.int().nullable(),
  /** Share of the elements that are 0. */
  zeroShare: figure,
  note: z.string().nullable(),
})
export type TensorSummary = z.infer<typeof tensorSummary>

export const storedValue = z.object({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
})
export type StoredValue = z.infer<typeof storedValue>

/** A name that a pickle imports and that is none of those that checkpoints are made of. It is told and never run. */
export const suspiciousGlobal = z.object({
  file: z.string(),
  /** As `os.system`. */
  name: z.string(),
  /** True when the pickle also calls it, makes an object of it, or hands it to a call: loading would run code of it. */
  isCalled: z.boolean(),
})
export type SuspiciousGlobal = z.infer<typeof suspiciousGlobal>

export const checkpointFile = z.object({ name: z.string(), bytes: z.int(), format: z.enum(checkpointFormats) })
export type CheckpointFile = z.infer<typeof checkpointFile>

export const checkpointSummary = z.object({
  /** As it was asked for. */
  path: z.string(),
  files: z.array(checkpointFile),
  /** By layer: numbers in names are compared as numbers. */
  tensors: z.array(tensorSummary),
  /** Numbers, words and yes-or-no that stand beside the tensors, such as the learning rate and the step. */
  values: z.array(storedValue),
  /** Values beyond the bound. */
  valuesLeftOut: z.int(),
  suspicious: z.array(suspiciousGlobal),
  /** What was not looked into, and why; each one sentence. */
  notes: z.array(z.string()),
  totals: z.object({
    tensors: z.int(),
    elements: z.int(),
    /**
     * Elements of real and complex tensors outside of optimizers and the like; those that share their place count once.
     */
    parameters: z.int(),
    bytes: z.int(),
    /** Of all tensors together. */
    norm: figure,
    nonFinite: z.int(),
  }),
})
export type CheckpointSummary = z.infer<typeof checkpointSummary>

/**
 * How far b is from a, over the elements that are finite in both.
 */
const distances = {
  /** Elements compared, finite or not. */
  count: z.int(),
  normA: figure,
  normB: figure,
  /** √Σ(a−b)². */
  distance: figure,
  /** Distance over the norm of a; null where that is 0 and the distance is not. */
  relative: figure,
  /** Σab / (‖a‖‖b‖); null where one of them has no length. */
  cosine: figure,
  /** Largest |a−b|. */
  maxDifference: figure,
  /** Share of the elements that are the same number, or no number in both. */
  equalShare: figure,
  /** Elements that are not finite in a or in b. */
  nonFinite: z.int().nullable(),
}

const comparedSide = z.object({ dtype: z.enum(tensorDtypes).nullable(), shape: z.array(z.int()) })

export const comparedTensor = z.object({
  name: z.string(),
  change: z.enum(tensorChanges),
  /** Null where only the other has it. Dtypes may differ: elements are compared as numbers. */
  a: comparedSide.nullable(),
  b: comparedSide.nullable(),
  ...distances,
  note: z.string().nullable(),
})
export type ComparedTensor = z.infer<typeof comparedTensor>

/** Tensors whose names differ in their last part only, such as weight and bias, taken together. */
export const comparedLayer = z.object({ name: z.string(), tensors: z.int(), ...distances })
export type ComparedLayer = z.infer<typeof comparedLayer>

const comparedFiles = z.object({
  path: z.string(),
  files: z.array(checkpointFile),
  tensors: z.int(),
  suspicious: z.array(suspiciousGlobal),
  notes: z.array(z.string()),
  /** Left away in front of its names to match those of the other, as `module.`. */
  prefix: z.string(),
})

export const checkpointComparison = z.object({
  a: comparedFiles,
  b: comparedFiles,
  tensors: z.array(comparedTensor),
  layers: z.array(comparedLayer),
  counts: z.record(z.enum(tensorChanges), z.int()),
  /** Of all tensors that could be compared, together. */
  totals: z.object(distances),
})
export type CheckpointComparison = z.infer<typeof checkpointComparison>

/**
 * `changed`: whole, and other bytes than were promised. `torn`: parts are missing. `malformed`: it breaks its own
 * format. `unknown`: no format that can be looked into.
 */
export const fileStates = ['ok', 'missing', 'changed', 'torn', 'malformed', 'unknown'] as const
export type FileState = (typeof fileStates)[number]

export const verifiedFile = z.object({
  name: z.string(),
  state: z.enum(fileStates),
  bytes: z.int().nullable(),
  /** Hexadecimal digits. */
  sha256: z.string().nullable(),
  /** What is wrong, one sentence. */
  detail: z.string().nullable(),
})
export type VerifiedFile = z.infer<typeof verifiedFile>

export const checkpointVerification = z.object({
  path: z.string(),
  /** The worst of the files. */
  state: z.enum(fileStates),
  files: z.array(verifiedFile),
})
export type CheckpointVerification = z.infer<typeof checkpointVerification>
