export { type ServerConfig, readConfig, readUrl } from './config.ts'
export { type RunningServer, createServer } from './create-server.ts'
