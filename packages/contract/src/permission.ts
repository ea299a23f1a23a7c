/** What a caller may do. Every route names one of these, or `public` for the few that need none. */
export const permissions = [
  /** See jobs, metrics, logs, resources. */
  'training:view',
  /** Write the telemetry of one's own jobs; see nothing. */
  'training:report',
  /** Create and edit one's own jobs: tags, checkpoints, parameters, pause. */
  'training:manage',
  /** Stop, roll back, cancel and delete; other people's jobs too. */
  'training:admin',
  /** Take on and resolve alerts; write alert rules. */
  'alerts:manage',
  /** Channels: where the server sends what, with whose secrets. */
  'channels:manage',
  /** Projects: which folders of its machine the server reads, which addresses it fetches code from with its own ssh keys. */
  'projects:manage',
  /** Launch jobs: they run as the user that the server runs as, on its machine and wherever its ssh keys lead. */
  'launches:create',
  /** Files and batches of inference requests, one's own; admins see all. Which engines there are. */
  'batch:submit',
  /** Take requests of batches and bring their results: what a worker does. It is told the keys of engines. */
  'batch:work',
  /** Clusters: where the server logs in, with whose keys. */
  'clusters:manage',
  /** Engines: where the server sends requests of batches, with whose keys. */
  'engines:manage',
  /** Budgets: how much may be spent before somebody is told, or jobs are stopped. */
  'budgets:manage',
  /** Accounts at providers of rented machines, and what is done with their money. */
  'instances:manage',
  /** Members and tokens. */
  'access:manage',
  /** Figures of the whole server as Prometheus reads them, at `/metrics`. Names of models, engines and workers are in them. */
  'system:scrape',
  /** The server itself: its figures, what it keeps and for how long. */
  'system:manage',
] as const
export type Permission = (typeof permissions)[number]

/** A role is a fixed set of permissions; a token or a member has exactly one. */
export const rolePermissions = {
  viewer: ['training:view'],
  reporter: ['training:report'],
  worker: ['batch:work'],
  /** What stands in the configuration of a monitor is read by many: it opens nothing else. */
  scraper: ['system:scrape'],
  member: ['training:view', 'training:report', 'training:manage', 'alerts:manage', 'batch:submit'],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>
export type Role = keyof typeof rolePermissions
export const roles = Object.keys(rolePermissions) as Role[] // keys of a literal object

/** True when `role` carries `permission`. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return rolePermissions[role].some((one) => one === permission)
}
