/** Clusters: what `clusters.yaml` says of them, and what the server answers about them. Keys of the file are written as in YAML. */
import { z } from 'zod'
import { gpuAvailability, gpuTypeRow, partitionList, startAnswer } from './gpu-availability.ts'
import { limits } from './limits.ts'

export const clusterKinds = ['slurm'] as const

/** Safe in paths, file names and shells. */
export const clusterName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'at most 64 letters, digits, «-», «_» or «.», beginning with a letter or digit',
  )

/** The machine of the server is a target by itself. */
const targetName = clusterName.refine((one) => one !== 'local', 'another name: «local» is the machine of the server')
const name = z.string().trim().min(1, 'a name').max(limits.nameLengthMax)
/** What ends up in scripts: no control characters, no line breaks. */
const line = z
  .string()
  .trim()
  .min(1, 'some text')
  .max(limits.uriLengthMax)
  .regex(/^\P{Cc}*$/u, 'one line of text')
const path = line.regex(/^(\/|~\/|~$)/, 'a whole path, beginning with / or ~/')
const withoutSsh = 'nothing here: the host «local» is reached without ssh'
const names = z.array(name).min(1, 'at least one name; leave it out to allow all').max(limits.clusterNamesMax)

/** How a job gets its programs there; the launcher puts it into scripts. */
export const clusterEnvironment = z
  .strictObject({
    /** Loaded by `module load`, in this order. */
    modules: z.array(line).max(limits.clusterNamesMax).optional(),
    /** Name or folder of a conda environment. */
    conda: line.optional(),
    /** Folder of a uv project, or of its virtual environment. */
    uv: path.optional(),
    /** Image that the job runs in: a file, or an address as docker://… */
    container: line.optional(),
  })
  .refine(({ conda, uv }) => conda === undefined || uv === undefined, {
    path: ['uv'],
    message: 'either conda or uv, not both',
  })

/** As the file has it. */
const days = z.string().regex(/^[1-9]\d{0,3}$/, 'a number of days, 1 to 9999')

/** One entry of `clusters` in `clusters.yaml`. */
export const clusterSettings = z
  .strictObject({
    name: targetName,
    kind: z.enum(clusterKinds).default('slurm'),
    /** As behind `ssh`: a name of ~/.ssh/config, user@host, ssh://user@host:port; `local` for the machine of the server. */
    host: z
      .string()
      .regex(
        /^[^\s\p{C}-][^\s\p{C}]*$/u,
        'a name of ~/.ssh/config, user@host or ssh://user@host:port; «local» for the machine of the server',
      ),
    /** The private key to log in with; without it, those of the configuration and the agent of ssh. */
    ssh_key_path: path.optional(),
    /** Another configuration of ssh than ~/.ssh/config. */
    ssh_config_path: path.optional(),
    /** Folder over there in which jobs get theirs. */
    workspace: path.optional(),
    /** Code that no job has used for so long is removed there; 14 without it. */
    keep_code_days: days.optional(),
    /** Others are left out everywhere. */
    allowed_partitions: names.optional(),
    /** Names of the site, or of `gpu_aliases`. Others are left out everywhere. */
    allowed_gpu_types: names.optional(),
    /** Names of our own for what the site calls its GPUs: `A100_80GB: [a100, a100-sxm4-80gb]`. */
    gpu_aliases: z
      .record(
        name,
        z.preprocess((one) => (typeof one === 'string' ? [one] : one), names),
      )
      .optional(),
    environment: clusterEnvironment.optional(),
    /** File with a template of our own for scripts; docs/launching.md says what it may name. */
    template: path.optional(),
  })
  .refine(({ host, ssh_key_path }) => host !== 'local' || ssh_key_path === undefined, {
    path: ['ssh_key_path'],
    message: withoutSsh,
  })
  .refine(({ host, ssh_config_path }) => host !== 'local' || ssh_config_path === undefined, {
    path: ['ssh_config_path'],
    message: withoutSsh,
  })
export type ClusterSettings = z.infer<typeof clusterSettings>

/** One entry of `hosts`: a machine behind ssh on which jobs run without a scheduler. Keys as those of clusters. */
export const hostSettings = z.strictObject({
  name: targetName,
  host: clusterSettings.shape.host.refine(
    (one) => one !== 'local',
    'a host behind ssh: the machine of the server is a target without being named',
  ),
  ssh_key_path: path.optional(),
  ssh_config_path: path.optional(),
  workspace: path.optional(),
  keep_code_days: days.optional(),
  environment: clusterEnvironment.optional(),
  template: path.optional(),
})
export type HostSettings = z.infer<typeof hostSettings>

export const clustersFile = z.strictObject({
  clusters: z.array(clusterSettings).max(limits.clustersMax).default([]),
  hosts: z.array(hostSettings).max(limits.clustersMax).default([]),
})

export const ofCluster = z.object({ name: z.string().min(1).max(64) })

/** One thing that is wrong in `clusters.yaml`. Lines and columns count from 1. */
export const clusterFault = z.object({ line: z.int(), column: z.int(), message: z.string() })
export type ClusterFault = z.infer<typeof clusterFault>

/** Why a cluster could not be asked. */
const clusterTrouble = z.object({
  /** Kind of the fault: of ssh, as `hostKey`, or of Slurm. */
  kind: z.string(),
  message: z.string(),
  hint: z.string(),
})
export type ClusterTrouble = z.infer<typeof clusterTrouble>

/** What is known of a cluster, and since when no more is. */
export const clusterStatus = z.object({
  name: z.string(),
  kind: z.enum(clusterKinds),
  host: z.string(),
  /** `unread`: nobody has asked it yet. `unknown`: the last try failed; what is told of it was true at `readAt`. */
  state: z.enum(['unread', 'known', 'unknown']),
  /** When it was last read, server's clock, ms. */
  readAt: z.number().nullable(),
  unknownSince: z.number().nullable(),
  trouble: clusterTrouble.nullable(),
  /** When it is tried again by itself, as long as somebody looks. */
  nextTryAt: z.number().nullable(),
  /** What its settings name and the cluster does not have. */
  notices: z.array(z.string()),
})
export type ClusterStatus = z.infer<typeof clusterStatus>

export const clusterCard = clusterStatus.extend({
  /** As they were at `readAt`; null before. */
  types: z.array(gpuTypeRow).nullable(),
})
export type ClusterCard = z.infer<typeof clusterCard>

export const clusterList = z.object({
  clusters: z.array(clusterCard),
  /** Machines behind ssh without a scheduler. */
  hosts: z.array(z.object({ name: z.string(), host: z.string() })),
  file: z.object({
    /** Where it is; null for those who may not change it. */
    path: z.string().nullable(),
    /** `broken`: the clusters are those of before. */
    state: z.enum(['missing', 'fine', 'broken']),
    faults: z.array(clusterFault),
  }),
})
export type ClusterList = z.infer<typeof clusterList>

export const freshQuery = z.object({
  /** Wait for what it is now, also where the last try failed; without it, the answer is what is known. */
  fresh: z.stringbool().default(false),
})

export const clusterAvailability = z.object({ status: clusterStatus, availability: gpuAvailability.nullable() })
export type ClusterAvailability = z.infer<typeof clusterAvailability>

export const clusterPartitions = z.object({ status: clusterStatus, partitions: partitionList.nullable() })
export type ClusterPartitions = z.infer<typeof clusterPartitions>

const timedStart = startAnswer.extend({
  later: z.array(
    startAnswer.shape.later.element.extend({
      /** When they are free at the latest, by the limits of the jobs that run, unless others take them; null: nobody knows. */
      freeBy: z.number().nullable(),
    }),
  ),
})
export const clusterStart = z.object({ status: clusterStatus, start: timedStart.nullable() })
export type ClusterStart = z.infer<typeof clusterStart>
export type TimedStart = z.infer<typeof timedStart>

const hostKey = z.object({
  /** As ssh names it: `ED25519`. */
  type: z.string(),
  /** As ssh prints it: `SHA256:…`. */
  fingerprint: z.string(),
})
/** What a host on the way shows, and what is known of it. */
export const hostKeys = z.object({
  /** `changed`: another key was known, or this one is revoked. */
  state: z.enum(['trusted', 'unknown', 'changed']),
  /** The first on the way whose key is not trusted, else the machine itself; as in the configuration of ssh. */
  host: z.string(),
  /** It is on the way there. */
  isJump: z.boolean(),
  /** The name under which ssh looks its key up: `host`, `[host]:port` or an alias. */
  lookup: z.string(),
  /** The favourite of ssh first. */
  keys: z.array(hostKey),
  known: z.array(
    hostKey.extend({
      file: z.string(),
      line: z.int(),
      /** It was accepted here, and can be forgotten here. */
      isOurs: z.boolean(),
      isRevoked: z.boolean(),
    }),
  ),
})
export type HostKeys = z.infer<typeof hostKeys>

/** Exactly what was shown: the host must show it still. */
export const hostKeyChoice = z.strictObject({
  lookup: z.string().min(1).max(limits.uriLengthMax),
  fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint as ssh prints it: SHA256:…'),
})
export type HostKeyChoice = z.infer<typeof hostKeyChoice>

/** From here to Slurm, in this order. */
export const connectionSteps = ['name', 'route', 'hostKey', 'authentication', 'shell', 'slurm'] as const
export const connectionTest = z.object({
  ok: z.boolean(),
  steps: z.array(
    z.object({
      step: z.enum(connectionSteps),
      outcome: z.enum(['done', 'failed', 'skipped']),
      /** What was found, or what went wrong. */
      words: z.string(),
      /** What to do about it. */
      hint: z.string().nullable(),
    }),
  ),
  /** Where it fails at the key of a host: what that shows. Null also when it cannot be asked any more. */
  hostKeys: hostKeys.nullable(),
  tookMs: z.number(),
})
export type ConnectionTest = z.infer<typeof connectionTest>
export type ConnectionStep = ConnectionTest['steps'][number]
