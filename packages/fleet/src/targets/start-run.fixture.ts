/** Starts a run and stays, so that a test can kill it: KIND CONFIG BASE FOLDER OWNER. */
import { SshLink } from '../ssh/ssh-link.ts'
import { openSlurmTarget } from './slurm-target.ts'
import { openLocalTarget, openSshTarget } from './shell-target.ts'
import { plainOrder } from './target.fixture.ts'

const [, , kind = '', configPath = '', root = '', folder = '', owner = ''] = process.argv
const place = { name: 'lab', root }
const connect = (): Promise<SshLink> => SshLink.open({ host: 'lab', configPath })
const open = { local: openLocalTarget, ssh: openSshTarget, slurm: openSlurmTarget }[kind] ?? openSshTarget
const target = open({ ...place, connect })
await target.start({ folder, owner, slurmId: null }, plainOrder)
setInterval(() => undefined, 60_000)
