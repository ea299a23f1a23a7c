import type { Logger } from 'pino'
import type { Access } from './access/access.ts'
import type { Batches } from './batches/batches.ts'
import type { BudgetKeeper } from './costs/budget-keeper.ts'
import type { Courier } from './channels/courier.ts'
import type { Seal } from './channels/seal.ts'
import type { Engines } from './engines/engines.ts'
import type { Instances } from './instances/instances.ts'
import type { FileWatch } from './checkpoints/file-watch.ts'
import type { Clusters } from './clusters/clusters.ts'
import type { CommandBell } from './commands/command-bell.ts'
import type { CopyFiles } from './copies/copy-files.ts'
import type { CopyKeeper } from './copies/copy-keeper.ts'
import type { ServerConfig } from './config.ts'
import type { Files } from './files/files.ts'
import type { LaunchKeeper } from './launches/launch-keeper.ts'
import type { TargetBook } from './launches/target-book.ts'
import type { Hub } from './live/hub.ts'
import type { ProjectKeeper } from './projects/project-keeper.ts'
import type { ScriptKeeper } from './scripts/script-keeper.ts'
import type { Servings } from './servings/servings.ts'
import type { StorageClient } from './storage/storage-client.ts'
import type { IntakeMeter } from './system/intake-meter.ts'
import type { Troubles } from './system/troubles.ts'
import type { Utilisation } from './system/utilisation.ts'
import type { ServerKeys } from './wandb/server-keys.ts'
import type { WandbFollower } from './wandb/wandb-follower.ts'
import type { Work } from './work/work.ts'
import type { LaunchedWorkers } from './workers/launched-workers.ts'

/** Everything a room may use; wired once in `create-server.ts`. */
export type Resources = {
  config: ServerConfig
  /** Milliseconds since 1970. */
  now: () => number
  /** When the server started, ms since 1970. */
  startedAt: number
  logger: Logger
  storage: StorageClient
  hub: Hub
  access: Access
  /** Takes alerts to their channels. */
  courier: Courier
  /** Looks at budgets. */
  budgets: BudgetKeeper
  /** Those of `clusters.yaml`. */
  clusters: Clusters
  /** Where models answer. */
  engines: Engines
  /** Machines that are rented from providers. */
  instances: Instances
  /** Requests for them, from their file to the first that is sent. */
  batches: Batches
  /** What is done with batches from then on. */
  work: Work
  /** Workers that are launched from here. */
  workers: LaunchedWorkers
  /** Engines that are started from here. */
  servings: Servings
  /** Jobs wait at it for commands. */
  bell: CommandBell
  /** Files of checkpoints on this machine. */
  fileWatch: FileWatch
  /** What members upload for batches, and what batches made. */
  files: Files
  /** Copies of checkpoints. */
  copies: { keeper: CopyKeeper; files: CopyFiles }
  /** Where jobs can run. */
  targets: TargetBook
  /** Sends launched jobs there, and follows them. */
  launches: LaunchKeeper
  /** Code of projects. */
  projects: ProjectKeeper
  /** Arguments of their scripts. */
  scripts: ScriptKeeper
  /** Runs at W&B, and the key of the user that the server runs as: of the first admin. */
  wandb: { follower: WandbFollower; keys: ServerKeys; adminId: number }
  /** Of secrets that the storage keeps. */
  seal: Seal
  meters: Meters
}

/** What the server measures of itself, all bounded. */
export type Meters = {
  intake: IntakeMeter
  /** Of the thread that serves requests. */
  thread: Utilisation
  troubles: Troubles
}
