/** What a change of a parameter did to a metric: what was expected from before the change, and what came. */
import { z } from 'zod'
import { impactVerdicts } from './impact-verdict.ts'

/** How far what came lies from what was expected, in units of the metric: actual − expected. */
const difference = z.object({
  expected: z.number(),
  actual: z.number(),
  absolute: z.number(),
  /** Limits that hold with 95 % for the mean and the end together. */
  lower: z.number(),
  upper: z.number(),
  /** Share of the size of what was expected: −0.03 is 3 % less; null where that is next to nothing. */
  relative: z.number().nullable(),
})
export type ImpactDifference = z.infer<typeof difference>

/** First and last step in it, and how many points with a finite value lie there. */
const impactWindow = z.object({ from: z.number(), to: z.number(), points: z.int() })

export const impact = z.object({
  key: z.string(),
  /** First step that ran with the new value. */
  changeStep: z.number(),
  goal: z.enum(['lower', 'higher']).nullable(),
  before: impactWindow,
  after: impactWindow,
  /** In words: why the windows are shorter than was asked for, what else happened in them. */
  remarks: z.array(z.string()),
  /** Values that are NaN or infinite in the windows. */
  nonFinite: z.object({ before: z.int(), after: z.int() }),
  /** Form that most of the forecast rests on; null without a forecast. */
  form: z.enum(['level', 'line', 'logarithm', 'exponential', 'power']).nullable(),
  /** Means of the curve, spikes left out, at their steps: from before the change and from after it. */
  actual: z.object({ steps: z.array(z.number()), values: z.array(z.number()) }),
  /** What such means were expected to be after the change, each with limits that hold with 95 %. */
  forecast: z.object({
    steps: z.array(z.number()),
    values: z.array(z.number()),
    lower: z.array(z.number()),
    upper: z.array(z.number()),
  }),
  effect: z
    .object({
      /** Over the whole window after the change. */
      mean: difference,
      /** Over its last third. */
      end: difference,
      /** Area between the curves: units of the metric × steps. */
      integrated: z.number(),
      /** How often a difference as large comes about without any change, by the spread before it; 0 … 1. */
      p: z.number(),
    })
    .nullable(),
  verdict: z.enum(impactVerdicts),
  /** The verdict as a sentence with its figures. */
  words: z.string(),
})
export type Impact = z.infer<typeof impact>
