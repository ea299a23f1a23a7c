export type Request = { path: string }
