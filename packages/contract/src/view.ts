/** Saved views: a page as its address has it, under a name, for its owner or for everybody. */
import { z } from 'zod'
import { limits } from './limits.ts'
import { viewPages } from './view-page.ts'

const name = z.string().trim().min(1).max(limits.viewNameLengthMax)
/** What stands behind «?» in the address, without it; of `launch` a `LaunchPreset` as JSON. Empty: the page as it comes. */
const search = z.string().max(limits.viewSearchLengthMax)
const project = z.string().min(1).max(limits.nameLengthMax).nullable()

export const view = z.object({
  id: z.int(),
  page: z.enum(viewPages),
  /** The project it belongs to; null for all. */
  project,
  name: z.string(),
  search: z.string(),
  owner: z.object({ id: z.int(), name: z.string() }),
  /** Everybody who may see training sees it; else its owner alone. */
  isShared: z.boolean(),
  /** The page opens with it for who asks. */
  isDefault: z.boolean(),
  createdAt: z.number(),
  updatedAt: z.number(),
})
export type View = z.infer<typeof view>

export const viewQuery = z.object({
  page: z.enum(viewPages).optional(),
  /** Leaves out views of other projects; those of none stay. */
  project: z.string().max(limits.nameLengthMax).optional(),
})
/** Own ones and shared ones, by name. */
export const viewList = z.object({ views: z.array(view) })

/** To share one takes `training:manage`; one of `launch` takes `launches:create`. */
export const viewCreate = z.object({
  page: z.enum(viewPages),
  name,
  search,
  project: project.default(null),
  isShared: z.boolean().default(false),
  isDefault: z.boolean().default(false),
})
export type ViewCreate = z.input<typeof viewCreate>

/** Absent = unchanged. A shared view of somebody else can be one's default, and is changed by its owner and by admins only. */
export const viewPatch = z.object({
  name: name.optional(),
  search: search.optional(),
  project: project.optional(),
  isShared: z.boolean().optional(),
  isDefault: z.boolean().optional(),
})
export type ViewPatch = z.input<typeof viewPatch>
