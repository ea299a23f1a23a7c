/** The lab's sshd as a rented machine: the stand-in of a provider says that it is one. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { startVastStandIn, type VastStandIn } from '../../../../lab/vast/start-vast-stand-in.ts'
import { makeInstanceRow } from '../../../../lab/vast/vast-rows.ts'

export type RentedMachine = {
  sshd: LabSshd
  standIn: VastStandIn
  /** A folder of its own, and the home of whoever connects: keys are found where users have them. */
  home: string
  close(): Promise<void>
}

/** Its number is 1001, its label «rented box». HOME is stubbed until it is closed. */
export async function openRentedMachine(): Promise<RentedMachine> {
  const sshd = await startSshd()
  const home = mkdtempSync(join(tmpdir(), 'ph-home-'))
  mkdirSync(join(home, '.ssh'))
  const settings = readFileSync(sshd.configPath, 'utf8')
  const user = /^\s*User (\S+)/m.exec(settings)?.[1] ?? 'root'
  const key = /IdentityFile (".+")/.exec(settings)?.[1] ?? ''
  writeFileSync(join(home, '.ssh', 'config'), `IdentityFile ${key}\nIdentitiesOnly yes\nUser ${user}\n`)
  vi.stubEnv('HOME', home)
  const standIn = await startVastStandIn()
  const place = { ssh_host: '127.0.0.1', ssh_port: sshd.port, ports: null, public_ipaddr: null }
  standIn.world.add(makeInstanceRow(1_001, { label: 'rented box', ...place }))
  const close = async (): Promise<void> => {
    await standIn.close()
    await sshd.stop()
    vi.unstubAllEnvs()
    rmSync(home, { recursive: true })
  }
  return { sshd, standIn, home, close }
}
