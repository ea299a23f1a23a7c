import { z } from 'zod'
import { reservedUids } from './job-state.ts'

/** Made by whoever creates the job first; safe in paths, file names and shells. */
export const jobUid = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{3,63}$/, '4–64 letters, digits, «-» or «_», beginning with a letter or digit')
  .refine((uid) => !reservedUids.some((one) => one === uid), 'a word that is not reserved')
