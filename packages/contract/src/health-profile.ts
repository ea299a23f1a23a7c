/** What counts as healthy; `packages/signals/src/health` judges by it. */
import { z } from 'zod'

/** A value at a bound is already outside of what is good. */
export const healthProfile = z.object({
  name: z.string(),
  /** A GPU with so much use or less, %, is idle … */
  idleTo: z.number(),
  /** … after so long without a break, ms. */
  idleAfterMs: z.number(),
  /** A GPU with so much use or more, %, is used too much; null: it cannot be. */
  busyFrom: z.number().nullable(),
  /** A loss of so much or more diverges; null: its size alone says nothing. */
  lossFrom: z.number().nullable(),
  /** A smoothed loss that is so many times its best diverges; null: it is not looked at. */
  lossOverBestFrom: z.number().nullable(),
  /** What a loss is that is NaN or infinite. */
  nonFiniteLossIs: z.enum(['warning', 'error']),
  /** A GPU is hot from here on, °C; null: it never is. */
  hotFrom: z.number().nullable(),
  /** Figures so old or older are stale, ms; null: age is not looked at. */
  staleAfterMs: z.number().nullable(),
  /** What a machine is whose container has ended: judged by its exit code, or always an error. */
  endIs: z.enum(['byExitCode', 'error']),
})
export type HealthProfile = z.infer<typeof healthProfile>
