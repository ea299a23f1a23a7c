export { chooseRequest } from './choose-request.ts'
export { LineSplitter } from './line-splitter.ts'
export { makeUid } from './make-uid.ts'
export { runLocal } from './run-local.ts'
export type { RunOptions, RunResult, SignalSource } from './run-local.ts'
export { GpuMonitor } from './gpu-monitor.ts'
export { readHostFacts } from './host-facts.ts'
export { listGpus } from './list-gpus.ts'
export type { GpuList } from './list-gpus.ts'
export { HostSampler } from './host-sampler.ts'
export type { HostSamplerOptions, ResourceSample } from './host-sampler.ts'
export { countReports, makeLocalPlace } from './mailbox/local-place.ts'
export { MailboxCollector } from './mailbox/mailbox-collector.ts'
export type { CollectorEvent } from './mailbox/mailbox-collector.ts'
export type { MailboxRun } from './mailbox/mailbox-run.ts'
export { describeFailure } from './mailbox/mailbox-server.ts'
export type { MailboxServer } from './mailbox/mailbox-server.ts'
export { prepareFarSide } from './mailbox/prepare-far-side.ts'
export type { FarSide } from './mailbox/prepare-far-side.ts'
export { makeSshPlace } from './mailbox/ssh-place.ts'
export { openAskpass } from './ssh/askpass.ts'
export type { Askpass, AskpassQuestion } from './ssh/askpass.ts'
export { quotePath, quoteShell } from './ssh/quote-shell.ts'
export { makeLocalRunner, makeSshRunner, ScriptError } from './script-runner.ts'
export type { ScriptRunner } from './script-runner.ts'
export { readHostKeys } from './ssh/read-host-keys.ts'
export type { HostKeyOptions, HostKeyReport } from './ssh/read-host-keys.ts'
export { addKnownKey, removeKnownKey } from './ssh/known-hosts.ts'
export { readSshTarget } from './ssh/read-ssh-target.ts'
export type { SshTarget } from './ssh/read-ssh-target.ts'
export { SshError } from './ssh/ssh-error.ts'
export type { SshFaultKind } from './ssh/ssh-error.ts'
export { SshLink, sshLinkLimits } from './ssh/ssh-link.ts'
export type { SshLinkOptions } from './ssh/ssh-link.ts'
export { computeAvailability } from './slurm/compute-availability.ts'
export { estimateFree } from './slurm/estimate-free.ts'
export { findStart } from './slurm/find-start.ts'
export type { AccountedJob } from './slurm/parse-accounting.ts'
export { parseQueue } from './slurm/parse-queue.ts'
export type { QueuedJob } from './slurm/parse-queue.ts'
export { parseNodes, parsePartitions } from './slurm/parse-scontrol.ts'
export type { SlurmNode, SlurmPartition } from './slurm/parse-scontrol.ts'
export { SlurmError } from './slurm/slurm-error.ts'
export { readSlurmAccess, readSlurmFacts } from './slurm/slurm-facts.ts'
export type { SlurmAccess, SlurmFacts } from './slurm/slurm-facts.ts'
export type { GpuTypeName, SlurmLimits } from './slurm/slurm-limits.ts'
export { slurmLimits } from './slurm/run-slurm.ts'
export type { SlurmAskOptions } from './slurm/run-slurm.ts'
export { pollJobs, readAccounting } from './slurm/poll-jobs.ts'
export type { JobPoll } from './slurm/poll-jobs.ts'
export {
  cancelJobs,
  expectStart,
  findJobsByComment,
  holdJobs,
  releaseJobs,
  requeueJobs,
  signalJobs,
  submitJob,
} from './slurm/slurm-orders.ts'
export type { BatchJob, ExpectedStart, OrderOutcome, SignalReach, SubmittedJob } from './slurm/slurm-orders.ts'
export { GitError } from './git/git-error.ts'
export { checkOutMirror } from './git/check-out.ts'
export { fetchMirror, readMirror } from './git/mirror.ts'
export type { FetchProgress } from './git/mirror.ts'
export type { CodeSource } from './targets/fetch-code.ts'
export { changesFiles, packCommit, packFolder, packLimits } from './git/pack-code.ts'
export type { PackedCode } from './git/pack-code.ts'
export { findFolder, isInside, readWorktree } from './git/read-worktree.ts'
export { RunError } from './runs/run-error.ts'
export { lookAtRuns, makeRun, readRunLog, removeRun, runLimits, runSignals, signalRun, startRun } from './runs/runs.ts'
export type { NewRun, RunExit, RunLook, RunSignal } from './runs/runs.ts'
export { elementsMax, listElements } from './targets/array-elements.ts'
export { openLocalTarget, openSshTarget } from './targets/shell-target.ts'
export type { TargetPlace } from './targets/shell-target.ts'
export { openSlurmTarget } from './targets/slurm-target.ts'
export type { SlurmPlace } from './targets/slurm-target.ts'
export { targetKinds } from './targets/target.ts'
export type {
  Archive,
  ArrayOrder,
  RunCause,
  RunEnd,
  RunStanding,
  ShipOptions,
  StartOrder,
  StartResources,
  Target,
  TargetFault,
  TargetKind,
  TargetRun,
} from './targets/target.ts'
export { runBounded } from './scripts/run-bounded.ts'
export type { BoundedAnswer, BoundedRun } from './scripts/run-bounded.ts'
export { openInstanceShell, prepareInstanceWay } from './rented/instance-shell.ts'
export { findNewLines } from './rented/find-new-lines.ts'
export { InstanceShells } from './rented/instance-shells.ts'
export type { HostKeyPolicy, InstanceWay, InstanceWayOptions } from './rented/instance-shell.ts'
export type { LogPlace } from './rented/instance-look-script.ts'
export { addGpuReadings, defaultLogPatterns, lookAtInstance } from './rented/look-at-instance.ts'
export type { InstanceLook, LookOptions } from './rented/look-at-instance.ts'
export type { GpuReading } from './nvidia-smi.ts'
export { findProviderKey } from './rented/find-provider-key.ts'
export type { FoundKey, KeySearch } from './rented/find-provider-key.ts'
export { openRunpod } from './rented/open-runpod.ts'
export type { RunpodOptions } from './rented/open-runpod.ts'
export { openVast } from './rented/open-vast.ts'
export type { VastOptions } from './rented/open-vast.ts'
export { providerAbilities, ProviderError } from './rented/provider.ts'
export type {
  AskOptions,
  Charge,
  InstanceOrder,
  Offer,
  OfferSearch,
  Provider,
  ProviderAbility,
  ProviderFault,
} from './rented/provider.ts'
export { openMock } from './rented/mock-provider.ts'
export type { Mock, MockOptions, MockPlace } from './rented/mock-provider.ts'
