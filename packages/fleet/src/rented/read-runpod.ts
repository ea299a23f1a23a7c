/**
 * What RunPod tells of a pod, in our words. Its API names the fields; sizes are in GB, times in words of ISO 8601, money in
 * dollars an hour, some of it as text. `env` holds secrets and is not read.
 */
import type { InstanceFacts, InstanceStatus } from '@pilothouse/contract'
import type { Charge, Offer } from './provider.ts'
import { type Fields, readAmount, readCount, readDate, readNumber, readPort, readWord, toFields } from './read-field.ts'

const gigabyte = 1e9

/** Null where it has no id. */
export function readPod(pod: Fields): InstanceFacts | null {
  const id = readWord(pod['id'])
  if (id === null) return null
  const ssh = findSsh(pod)
  const disks = [readAmount(pod['containerDiskInGb'], gigabyte), readAmount(pod['volumeInGb'], gigabyte)]
  const known = disks.filter((bytes) => bytes !== null)
  return {
    provider: 'runpod',
    id,
    label: readWord(pod['name']),
    status: judgeStatus(pod, ssh !== null),
    rawStatus: readWord(pod['desiredStatus']),
    statusText: readWord(pod['lastStatusChange']),
    ...readGpus(pod),
    gpuUse: null,
    gpuTemperature: null,
    gpuMemory: { used: null, total: null },
    cpuUse: null,
    memory: { used: null, total: readAmount(pod['memoryInGb'], gigabyte) },
    disk: { used: null, total: known.length === 0 ? null : known.reduce((one, other) => one + other) },
    image: readWord(pod['image']) ?? readWord(pod['imageName']),
    region: readRegion(pod),
    startedAt: readDate(pod['lastStartedAt']),
    contractEndsAt: null,
    perHour: readAmount(pod['adjustedCostPerHr']) ?? readAmount(pod['costPerHr']),
    storagePerHour: null,
    currency: 'USD',
    ssh,
  }
}

/** It says what is wanted, not what is: one whose ports lead nowhere yet is still starting. */
function judgeStatus(pod: Fields, isReachable: boolean): InstanceStatus {
  switch (pod['desiredStatus']) {
    case 'RUNNING':
      return isReachable || !opensSsh(pod) ? 'running' : 'loading'
    case 'EXITED':
      return 'stopped'
    case 'TERMINATED':
      return 'gone'
    default:
      return 'unknown'
  }
}

function opensSsh(pod: Fields): boolean {
  return Array.isArray(pod['ports']) && pod['ports'].includes('22/tcp')
}

/** As root: the images of RunPod have no other. */
function findSsh(pod: Fields): InstanceFacts['ssh'] {
  const host = readWord(pod['publicIp'])
  const port = readPort(toFields(pod['portMappings'])['22'])
  if (host === null || port === null || !/^[0-9A-Fa-f:][0-9A-Fa-f.:]*$/.test(host)) return null
  return { user: 'root', host, port }
}

function readGpus(pod: Fields): Pick<InstanceFacts, 'gpuName' | 'gpuCount'> {
  const gpu = toFields(pod['gpu'])
  const machine = toFields(pod['machine'])
  const name = readWord(gpu['displayName']) ?? readWord(toFields(machine['gpuType'])['displayName'])
  const named = name ?? readWord(gpu['id']) ?? readWord(machine['gpuTypeId'])
  // Where there is none it says so.
  return { gpuName: named === 'unknown' ? null : named, gpuCount: readCount(gpu['count'] ?? pod['gpuCount']) }
}

function readRegion(pod: Fields): string | null {
  const machine = toFields(pod['machine'])
  const places = [machine['dataCenterId'], pod['dataCenterId'], machine['location'], pod['location']]
  return places.map(readWord).find((place) => place !== null) ?? null
}

const clouds = ['secure', 'community'] as const

/** A kind of GPU in each of its clouds: `SECURE/2/NVIDIA A40` is two of them. */
export function readGpuOffers(gpu: Fields, count: number): Offer[] {
  const id = readWord(gpu['id'])
  if (id === null || gpu['availability'] === 'NONE') return []
  return clouds.flatMap((cloud) => {
    const price = readAmount(toFields(gpu['price'])[cloud])
    const most = readCount(toFields(gpu['maxCount'])[cloud])
    if (price === null || price === 0 || gpu[cloud] === false || most < count) return []
    const offer: Offer = {
      id: `${cloud.toUpperCase()}/${count}/${id}`,
      gpuName: readWord(gpu['name']) ?? id,
      gpuCount: count,
      gpuMemoryBytes: readAmount(gpu['memory'], gigabyte),
      perHour: price * count,
      currency: 'USD',
      region: null,
      reliability: null,
      cpus: null,
      memoryBytes: null,
      diskBytes: null,
    }
    return [offer]
  })
}

/** Null for what `readGpuOffers` has not made. */
export function readOfferId(text: string): { cloudType: string; gpuCount: number; gpuTypeId: string } | null {
  const [, cloudType, gpuCount, gpuTypeId] = /^(SECURE|COMMUNITY)\/(\d{1,3})\/(.{1,200})$/u.exec(text) ?? []
  if (cloudType === undefined || gpuTypeId === undefined) return null
  return { cloudType, gpuCount: Number(gpuCount), gpuTypeId }
}

/** Null where it is of no pod. A record is of one stretch of time, and says only when that begins. */
export function readPodCharge(record: Fields, stretchMs: number): Charge | null {
  const instanceId = readWord(record['podId'])
  const amount = readNumber(record['amount'])
  const from = readDate(record['time'])
  if (instanceId === null || amount === null || from === null) return null
  return { instanceId, from, until: from + stretchMs, amount, currency: 'USD' }
}
