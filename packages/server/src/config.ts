/** All that can be set from outside. The one file of the server that reads the environment. */
export type ServerConfig = {
  /** Address to listen on; loopback unless asked otherwise. */
  host: string
  /** 0 takes a free one. */
  port: number
  /** When the port is taken, try the next ones (so many). */
  portTries: number
  /** Holds the database, the token files, the key and `server.json`; made if missing, readable by the user only. */
  dataFolder: string
  /** The built page; null serves the API alone. */
  webFolder: string | null
  /** Names beside loopback that the Host header may have. */
  allowHosts: readonly string[]
  /** A running job without any report for so long becomes lost, unless its target still knows it. */
  lostAfterMs: number
  /** Version of the published package. */
  version: string
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
}
