// Rebuilds dist/ from scratch and compares every file with the checkout. Run it with `npm run check:dist`.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from './bundle.js'

async function readFolder(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = names.map(
    async (name) => [name.slice(folder.length + 1), await readFile(name, 'utf8')] as const,
  )
  return new Map(await Promise.all(files))
}

const built = await bundle(process.cwd())
const committed = await readFolder('dist')
const differing = [...new Set([...built.keys(), ...committed.keys()])].filter(
  (name) => built.get(name) !== committed.get(name),
)
if (differing.length > 0) {
  process.stderr.write(
    `dist/ is not what the sources make: ${differing.join(', ')}. Run npm run build and commit.\n`,
  )
  process.exit(1)
}
process.stdout.write(`dist/ is what the sources make: ${built.size} files, byte for byte\n`)
