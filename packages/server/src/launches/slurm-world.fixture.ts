/** A control room over a real Slurm behind a real sshd, for tests: the cluster is called `lab`, its login node alone `box`. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LabSlurm, startSlurm } from '../../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { LaunchWorld } from './launch-world.fixture.ts'

export type SlurmWorld = {
  slurm: LabSlurm
  sshd: LabSshd
  world: LaunchWorld
  /** Both users reach it. */
  folder: string
  close(): Promise<void>
}

type Options = {
  /** More arguments of `lab/slurm` and `lab/sshd`. */
  slurmArgs?: string[]
  sshdArgs?: string[]
  /** Whoever runs the tests logs in, rather than the user of the lab. */
  asMyself?: boolean
}

export async function openSlurmWorld({
  slurmArgs = [],
  sshdArgs = [],
  asMyself = false,
}: Options = {}): Promise<SlurmWorld> {
  const slurm = await startSlurm({ args: slurmArgs })
  const folder = mkdtempSync(join(tmpdir(), 'ph-slurm-world-'))
  chmodSync(folder, 0o755)
  const user = asMyself ? [] : ['--user', slurm.user]
  const args = [...user, '--set', `SLURM_CONF=${slurm.configPath}`, ...sshdArgs]
  const sshd = await startSshd({ folder: join(folder, 'sshd'), args })
  const world = await LaunchWorld.open()
  const place = { host: 'lab', ssh_config_path: sshd.configPath }
  const file = { hosts: [{ name: 'box', ...place }], clusters: [{ name: 'lab', ...place }] }
  writeFileSync(join(world.test.server.dataFolder, 'clusters.yaml'), JSON.stringify(file))
  const close = async () => {
    await world.close()
    await sshd.stop()
    await slurm.stop()
    rmSync(folder, { recursive: true })
  }
  return { slurm, sshd, world, folder, close }
}
