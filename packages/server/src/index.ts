export { type ServerConfig, defaultConfig, findDataFolder, logLevels, readConfig } from './config.ts'
export { type RunningServer, createServer } from './create-server.ts'
