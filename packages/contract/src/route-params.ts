/** What stands in the paths of routes. */
import { z } from 'zod'
import { jobUid } from './job-uid.ts'
import { limits } from './limits.ts'

export const ofUid = z.object({ uid: jobUid })
export const ofNote = z.object({ uid: jobUid, id: z.coerce.number().int().min(1) })
export const ofParameter = z.object({ uid: jobUid, key: z.string().min(1).max(limits.nameLengthMax) })
export const ofPreset = z.object({ uid: jobUid, presetId: z.coerce.number().int().min(1) })
export const byId = z.object({ id: z.coerce.number().int().min(1) })
