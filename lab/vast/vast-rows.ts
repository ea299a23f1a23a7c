/** Rows as the API of vast.ai has them, with values of our own: machines, offers and charges that do not exist. */

export type Row = Record<string, unknown>

/** What must never leave a driver; it stands in each machine. */
export const tellTaleToken = 'token-of-no-machine-2f6b'

/** A machine that runs. Fields by docs.vast.ai/api-reference/instances/show-instances-v1. */
export function makeInstanceRow(id: number, changes: Row = {}): Row {
  return {
    id,
    machine_id: 4_000 + (id % 1_000),
    host_id: 77,
    actual_status: 'running',
    intended_status: 'running',
    cur_state: 'running',
    next_state: 'running',
    status_msg: 'success, running pytorch/pytorch_2.8.0/ssh',
    label: `train-${id % 1_000}`,
    template_id: null,
    template_hash_id: null,
    template_name: null,
    image_uuid: 'pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime',
    image_args: [],
    image_runtype: 'ssh_direc ssh_proxy',
    extra_env: [['WANDB_API_KEY', tellTaleToken]],
    onstart: `export HF_TOKEN=${tellTaleToken}`,
    jupyter_token: tellTaleToken,
    num_gpus: 1,
    gpu_name: 'RTX 4090',
    gpu_arch: 'nvidia',
    gpu_util: 97,
    gpu_temp: 64,
    gpu_ram: 24_564,
    gpu_totalram: 24_564,
    vmem_usage: 18.25,
    cpu_name: 'EPYC 7543',
    cpu_arch: 'amd64',
    cpu_cores: 64,
    cpu_cores_effective: 16,
    cpu_ram: 128_000,
    cpu_util: 38.5,
    mem_limit: 62.9,
    mem_usage: 21.4,
    disk_space: 80,
    disk_usage: 31.2,
    disk_util: 0.39,
    dph_base: 0.44,
    dph_total: 0.467,
    storage_cost: 0.15,
    storage_total_cost: 0.0167,
    inet_up: 880,
    inet_down: 910,
    reliability2: 0.9971,
    geolocation: 'Sweden, SE',
    is_bid: false,
    start_date: 1_764_500_000.25,
    end_date: 1_767_000_000,
    uptime_mins: null,
    time_remaining: '',
    public_ipaddr: '198.51.100.20 ',
    local_ipaddrs: '10.0.0.5 \n',
    ssh_host: 'ssh4.vast.example',
    ssh_port: 12_640,
    ssh_idx: '4',
    direct_port_count: 20,
    ports: { '22/tcp': [{ HostIp: '0.0.0.0', HostPort: String(40_000 + (id % 1_000)) }] },
    ...changes,
  }
}

/** A row of which only the id is left: any field may be null. */
export function makeEmptyRow(id: number): Row {
  const names = Object.keys(makeInstanceRow(id))
  // The official client reads these two without looking.
  return { ...Object.fromEntries(names.map((name) => [name, null])), id, start_date: 0, extra_env: [] }
}

/** Something that can be rented, by docs.vast.ai/api-reference/search/search-offers. */
export function makeOfferRow(id: number, changes: Row = {}): Row {
  return {
    id,
    ask_contract_id: id,
    machine_id: 5_000 + (id % 1_000),
    type: 'on-demand',
    verified: true,
    verification: 'verified',
    external: false,
    rentable: true,
    rented: false,
    gpu_name: 'RTX 4090',
    num_gpus: 1,
    gpu_ram: 24_564,
    gpu_totalram: 24_564,
    cpu_cores: 64,
    cpu_cores_effective: 16,
    cpu_ram: 128_000,
    disk_space: 620,
    dph_base: 0.3,
    dph_total: 0.32,
    storage_cost: 0.15,
    geolocation: 'Sweden, SE',
    reliability2: 0.998,
    reliability: 0.998,
    score: 250,
    ...changes,
  }
}

/** What was billed for a machine, by docs.vast.ai/api-reference/billing/show-charges. */
export function makeChargeRow(instanceId: number, span: { start: number; end: number; amount: number }): Row {
  const { start, end, amount } = span
  const hours = (end - start) / 3_600
  return {
    start,
    end,
    type: 'instance',
    source: `instance-${instanceId}`,
    description: `Instance ${instanceId} Charges`,
    amount,
    metadata: { label: null },
    items: [
      {
        start,
        end,
        type: 'gpu',
        source: null,
        description: `${hours.toFixed(3)} hours`,
        amount,
        metadata: {},
        items: [],
      },
    ],
  }
}
