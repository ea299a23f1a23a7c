/** Projects: source code that jobs are launched from, and names that only jobs know. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { jobStates } from './job-state.ts'
import { limits } from './limits.ts'
import { projectKinds } from './project-place.ts'

export const changedFileStates = ['modified', 'added', 'deleted', 'conflicted', 'untracked'] as const

/** What git tells of a folder, or of the repository that was fetched. */
export const codeFacts = z.object({
  /** False: a folder without git, of which no more is known than that it is there. */
  isGit: z.boolean(),
  /** null before the first commit, and without git. */
  commit: z
    .object({
      id: z.string(),
      subject: z.string(),
      author: z.string(),
      /** When its author made it, ms since 1970. */
      at: z.number(),
    })
    .nullable(),
  /** null where no branch is checked out, and without git. Of a fetched repository its default branch. */
  branch: z.string().nullable(),
  /** The branch that this one follows, as it was when it was last fetched; null where it follows none. */
  upstream: z
    .object({
      name: z.string(),
      /** Commits that only one side has; null where that branch is gone. */
      ahead: z.int().nullable(),
      behind: z.int().nullable(),
    })
    .nullable(),
  /** Where it came from, without what is secret in the address. */
  remote: z.object({ name: z.string(), url: z.string() }).nullable(),
  /** Path of the folder in its work tree, ending in «/»; empty when it is the whole tree. */
  within: z.string(),
  /** Files that differ from the commit, and those that git does not know; a folder of unknown files counts once. */
  changed: z.int(),
  untracked: z.int(),
  /** The first so many of both; in a list of projects none. */
  files: z.array(z.object({ path: z.string(), state: z.enum(changedFileStates) })),
  /** Paths of submodules, the first so many. */
  submodules: z.array(z.string()),
})
export type CodeFacts = z.infer<typeof codeFacts>

export const project = z.object({
  /** null for a name that only jobs know. */
  id: z.int().nullable(),
  /** What jobs have as `project`. */
  name: z.string(),
  source: z.object({ kind: z.enum(projectKinds), place: z.string() }).nullable(),
  by: z.object({ id: z.int(), name: z.string() }).nullable(),
  createdAt: z.number().nullable(),
  /** What was read last; null before. Stays when reading fails later. */
  code: codeFacts.nullable(),
  readAt: z.number().nullable(),
  /** Why it cannot be read, since when; null while it can. */
  fault: z.object({ message: z.string(), hint: z.string(), since: z.number(), triedAt: z.number() }).nullable(),
  /** Reading or fetching is under way; `fraction` null while nobody knows how much there is. */
  sync: z.object({ words: z.string(), fraction: z.number().nullable(), startedAt: z.number() }).nullable(),
  /** Jobs of that name that are not archived. */
  jobs: z.object({
    total: z.int(),
    running: z.int(),
    last: z.object({ uid: z.string(), name: z.string(), state: z.enum(jobStates), createdAt: z.number() }).nullable(),
  }),
})
export type Project = z.infer<typeof project>

/** With `name`: that one alone. */
export const projectQuery = z.object({ name: cleanText(limits.nameLengthMax, 1).optional() })
/** Those with code and those that jobs know, the one with the newest job or code first; `total` may be more than are listed. */
export const projectList = z.object({
  projects: z.array(project),
  total: z.int(),
  /** Folders of the server that projects may lie in; only for those who may add some. */
  roots: z.array(z.string()).optional(),
})
export type ProjectList = z.infer<typeof projectList>

export const projectCreate = z.object({
  /** A folder of the server, or the address of a git repository (project-place.ts). */
  place: z.string().max(limits.uriLengthMax * 2),
  /** What jobs have as `project`; absent: the last part of the place. */
  name: cleanText(limits.nameLengthMax, 1).optional(),
})
export type ProjectCreate = z.input<typeof projectCreate>
