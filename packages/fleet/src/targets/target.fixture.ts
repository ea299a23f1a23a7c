/** Targets of every kind for tests, each a real one of this machine. */
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { SshLink } from '../ssh/ssh-link.ts'
import { startSlurm, type LabSlurm } from '../../../../lab/start-slurm.ts'
import { openSlurmTarget } from './slurm-target.ts'
import { openLocalTarget, openSshTarget } from './shell-target.ts'
import type { Archive, StartOrder, Target } from './target.ts'

export type TargetLab = {
  /** Another one at the same place, as a server has that was started anew. */
  open(): Target
  /** Its folder, as this machine sees it: everything may lie in it. */
  base: string
  /** Connections that were made, the last one last; none where there is no connection. */
  links: SshLink[]
  /** For `ssh -F`; empty where there is no connection. */
  configPath: string
  stop(): Promise<void>
}

export const graceSeconds = 1

export async function startLocalLab(): Promise<TargetLab> {
  const base = mkdtempSync(join(tmpdir(), 'ph-target-'))
  return {
    base,
    links: [],
    configPath: '',
    open: () => openLocalTarget({ name: 'here', root: base, graceSeconds }),
    stop: async () => rmSync(base, { recursive: true }),
  }
}

export async function startSshLab(): Promise<TargetLab> {
  const sshd = await startSshd({ args: ['--noisy'] })
  const links: SshLink[] = []
  const connect = async (signal: AbortSignal): Promise<SshLink> => {
    const link = await SshLink.open({ host: 'lab', configPath: sshd.configPath, signal })
    links.push(link)
    return link
  }
  return {
    base: join(sshd.folder, 'home'),
    links,
    configPath: sshd.configPath,
    open: () => openSshTarget({ name: 'lab', root: join(sshd.folder, 'home'), connect, graceSeconds }),
    stop: () => sshd.stop(),
  }
}

/** A whole cluster, behind ssh, as an unprivileged user. */
export async function startSlurmLab(
  options: { args?: readonly string[] } = {},
): Promise<TargetLab & { slurm: LabSlurm; sshd: LabSshd }> {
  const slurm = await startSlurm(options)
  const sshd = await startSshd({ args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  const links: SshLink[] = []
  const connect = async (signal: AbortSignal): Promise<SshLink> => {
    const link = await SshLink.open({ host: 'lab', configPath: sshd.configPath, signal })
    links.push(link)
    return link
  }
  const base = join(sshd.folder, 'home')
  return {
    slurm,
    sshd,
    base,
    links,
    configPath: sshd.configPath,
    open: () => openSlurmTarget({ name: 'lab', root: base, connect }),
    stop: async () => {
      await sshd.stop()
      await slurm.stop()
    },
  }
}

export const plainOrder: StartOrder = { name: 'run', resources: {}, requeueable: false, warnSeconds: null }

/** An archive of files, by their paths. */
export function packFolder(folder: string): Archive & { content: Buffer } {
  const content = execFileSync('tar', ['-C', folder, '-czf', '-', '.'], { maxBuffer: 1024 ** 3 })
  return {
    content,
    digest: createHash('sha256').update(content).digest('hex'),
    bytes: content.length,
    open: () => Readable.from([content]),
  }
}
