/**
 * What vast.ai tells of a machine, in our words. Its API names the fields (`actual_status`, `gpu_ram`, …); the units are these:
 * memory of GPUs and of machines in MiB, `vmem_usage` in GiB, `mem_usage` and `mem_limit` in millions of KiB, disks in GB, times
 * in seconds, money in dollars an hour. `jupyter_token`, `extra_env` and `onstart` may hold secrets and are not read.
 */
import type { InstanceFacts, InstanceStatus } from '@pilothouse/contract'
import type { Charge, Offer } from './provider.ts'
import {
  type Fields,
  listFields,
  readAmount,
  readCount,
  readNumber,
  readPort,
  readWord,
  toFields,
} from './read-field.ts'

const mebibyte = 1024 ** 2
const gibibyte = 1024 ** 3
const gigabyte = 1e9
const millionKibibytes = 1e6 * 1024

/** Null where it has no id. */
export function readVastInstance(row: Fields): InstanceFacts | null {
  const id = readWord(row['id'])
  if (id === null) return null
  return {
    provider: 'vast',
    id,
    label: readWord(row['label']),
    status: judgeStatus(row),
    rawStatus: readWord(row['actual_status']),
    statusText: readWord(row['status_msg']),
    ...readUse(row),
    image: readWord(row['image_uuid']),
    region: readWord(row['geolocation']),
    startedAt: readAmount(row['start_date'], 1_000),
    contractEndsAt: readAmount(row['end_date'], 1_000),
    perHour: readAmount(row['dph_total']),
    storagePerHour: readAmount(row['storage_total_cost']),
    currency: 'USD',
    ssh: findSsh(row),
  }
}

function readUse(row: Fields) {
  const gpuCount = readCount(row['num_gpus'])
  const each = readAmount(row['gpu_ram'], mebibyte)
  return {
    gpuName: readWord(row['gpu_name']),
    gpuCount,
    gpuUse: readAmount(row['gpu_util']),
    gpuTemperature: readAmount(row['gpu_temp']),
    gpuMemory: {
      used: readAmount(row['vmem_usage'], gibibyte),
      total: readAmount(row['gpu_totalram'], mebibyte) ?? (each === null ? null : each * gpuCount),
    },
    cpuUse: readAmount(row['cpu_util']),
    memory: {
      used: readAmount(row['mem_usage'], millionKibibytes),
      total: readAmount(row['mem_limit'], millionKibibytes) ?? readAmount(row['cpu_ram'], mebibyte),
    },
    disk: { used: readAmount(row['disk_usage'], gigabyte), total: readAmount(row['disk_space'], gigabyte) },
  }
}

/**
 * `frozen` keeps its memory and is billed as if it ran. What was told to stop ends as `exited`: nobody has to look after it, as
 * after a container that ended by itself.
 */
function judgeStatus(row: Fields): InstanceStatus {
  const said = row['actual_status']
  const intended = readWord(row['intended_status'])
  switch (said) {
    case null:
    case undefined:
    case 'created':
      return 'created'
    case 'loading':
    case 'rebooting':
      return 'loading'
    case 'running':
    case 'frozen':
      return 'running'
    case 'stopped':
      return 'stopped'
    case 'exited':
      return intended === 'stopped' ? 'stopped' : 'exited'
    case 'offline':
      return 'offline'
    default:
      return 'unknown'
  }
}

/** Straight to the machine where it has a port of its own, else by way of the provider's proxy; as root, either way. */
function findSsh(row: Fields): InstanceFacts['ssh'] {
  const [own] = listFields(toFields(row['ports'])['22/tcp'])
  const ownPort = readPort(own?.['HostPort'])
  const address = readHost(row['public_ipaddr'])
  if (ownPort !== null && address !== null) return { user: 'root', host: address, port: ownPort }
  const proxyPort = readPort(row['ssh_port'])
  const proxy = readHost(row['ssh_host'])
  if (proxyPort === null || proxy === null) return null
  // Beside Jupyter, ssh has the next port of the proxy.
  const isBeside = readWord(row['image_runtype'])?.includes('jupyter') === true
  return { user: 'root', host: proxy, port: isBeside ? proxyPort + 1 : proxyPort }
}

/** A name or an address; anything else would be an option, or somebody else, to the ssh client. */
function readHost(value: unknown): string | null {
  const host = readWord(value)
  return host !== null && /^[A-Za-z0-9:][A-Za-z0-9.:-]*$/.test(host) ? host : null
}

/** Null where it has neither id nor price. */
export function readVastOffer(row: Fields): Offer | null {
  const id = readWord(row['id']) ?? readWord(row['ask_contract_id'])
  const perHour = readAmount(row['dph_total'])
  if (id === null || perHour === null) return null
  return {
    id,
    gpuName: readWord(row['gpu_name']) ?? '',
    gpuCount: readCount(row['num_gpus']),
    gpuMemoryBytes: readAmount(row['gpu_ram'], mebibyte),
    perHour,
    currency: 'USD',
    region: readWord(row['geolocation']),
    reliability: readAmount(row['reliability2']) ?? readAmount(row['reliability']),
    cpus: readAmount(row['cpu_cores_effective']) ?? readAmount(row['cpu_cores']),
    memoryBytes: readAmount(row['cpu_ram'], mebibyte),
    diskBytes: readAmount(row['disk_space'], gigabyte),
  }
}

/** Null where it is not of a machine, or without an amount. Refunds are below zero. */
export function readVastCharge(row: Fields): Charge | null {
  const [, instanceId] = /^instance-(\d+)$/.exec(readWord(row['source']) ?? '') ?? []
  const amount = readNumber(row['amount'])
  const from = readAmount(row['start'], 1_000)
  if (instanceId === undefined || amount === null || from === null) return null
  return { instanceId, from, until: readAmount(row['end'], 1_000) ?? from, amount, currency: 'USD' }
}
