// The packages of this folder, which are installed only for pictures, because Mermaid depends on a hundred others.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = 'dev/tools/picture/node_modules'

/** Returns the path of a file in one of the packages. If it is missing, says how to install them and exits. */
export function packaged(file: string): string {
  const path = resolve(join(folder, file))
  if (existsSync(path)) return path
  process.stderr.write(
    `${file} is not installed. To install it: npm ci --prefix dev/tools/picture --ignore-scripts\n`,
  )
  return process.exit(1)
}
