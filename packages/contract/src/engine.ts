/** Engines: where models answer requests, at any address that speaks OpenAI's API. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { engineStates } from './engine-state.ts'
import { limits } from './limits.ts'

/** As the engine calls it. */
export const modelName = z.string().trim().min(1).max(limits.nameLengthMax)

const perMillion = z.number().min(0).max(limits.pricePerMillionMax)
/** What a million tokens of a model cost, in the currency of the rate card. */
export const modelPrice = z.object({ model: modelName, inputPerMillion: perMillion, outputPerMillion: perMillion })
export type ModelPrice = z.infer<typeof modelPrice>

const name = cleanText(limits.nameLengthMax, 1)
const baseUrl = z.url({ protocol: /^https?$/ }).max(limits.uriLengthMax)
/** Sent as a bearer token. It goes in and never comes out again. */
const apiKey = z
  .string()
  .trim()
  .min(1)
  .max(limits.engineKeyLengthMax)
  .regex(/^[\x21-\x7E]+$/, 'letters, digits and signs of ASCII without spaces')
const concurrencyMax = z.int().min(1).max(limits.engineConcurrencyMax)
const models = z.array(modelName).max(limits.engineModelsMax)
const prices = z.array(modelPrice).max(limits.engineModelsMax)

export const engineCreate = z.object({
  name,
  /** With or without `/v1` at its end. */
  baseUrl,
  apiKey: apiKey.nullable().default(null),
  /** Requests that it gets at once at most; null: as many as it computes side by side, which is found out. */
  concurrencyMax: concurrencyMax.nullable().default(null),
  /** Models that it answers for; null: those that it lists at `/v1/models`. */
  models: models.min(1).nullable().default(null),
  prices: prices.default([]),
})
export type EngineCreate = z.input<typeof engineCreate>

/** Absent = unchanged. */
export const enginePatch = z.object({
  name: name.optional(),
  baseUrl: baseUrl.optional(),
  apiKey: apiKey.nullable().optional(),
  concurrencyMax: concurrencyMax.nullable().optional(),
  models: models.min(1).nullable().optional(),
  prices: prices.optional(),
  /** A paused engine gets no requests. */
  isPaused: z.boolean().optional(),
})
export type EnginePatch = z.input<typeof enginePatch>

/** What an engine tells of itself at `/metrics`; null where it does not. */
export const engineFigures = z.object({
  kind: z.string(),
  running: z.number().nullable(),
  waiting: z.number().nullable(),
  /** Share of its key-value cache in use, 0 … 1. */
  cacheUse: z.number().nullable(),
  /** Tokens since it started. */
  promptTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
})
export type EngineFigures = z.infer<typeof engineFigures>

export const engineHealth = z.object({
  state: z.enum(engineStates),
  /** Since when it is so, ms; null before the first look. */
  since: z.number().nullable(),
  checkedAt: z.number().nullable(),
  /** What is wrong, one sentence. */
  trouble: z.string().nullable(),
})
export type EngineHealth = z.infer<typeof engineHealth>

export const engine = z.object({
  id: z.int(),
  name: z.string(),
  baseUrl: z.string(),
  hasKey: z.boolean(),
  isPaused: z.boolean(),
  concurrencyMax: z.int().nullable(),
  /** By name; those that were listed last, where it does not answer now. */
  models: z.array(z.string()),
  /** Somebody said which; it is not asked. */
  areModelsGiven: z.boolean(),
  prices: z.array(modelPrice),
  owner: z.object({ id: z.int(), name: z.string() }),
  createdAt: z.number(),
  changedAt: z.number(),
  health: engineHealth,
  figures: engineFigures.nullable(),
  /** Of one that was started from here: as what, and whose checkpoint it answers with. */
  serving: z.object({ id: z.int(), jobUid: z.string().nullable(), checkpointId: z.int().nullable() }).optional(),
})
export type Engine = z.infer<typeof engine>
/** By name. */
export const engineList = z.object({ engines: z.array(engine) })

/** As OpenAI lists models: what engines answer for now. */
export const modelList = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      id: z.string(),
      object: z.literal('model'),
      /** When the engine was made known, seconds since 1970. */
      created: z.int(),
      owned_by: z.string(),
    }),
  ),
})
export type ModelList = z.infer<typeof modelList>
