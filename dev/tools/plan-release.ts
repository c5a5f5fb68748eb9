// Sets what the release of a tag consists of as outputs of a workflow's step: `npm run release:plan -- v1.2.3`.
import { randomUUID } from 'node:crypto'
import { appendFile, readFile } from 'node:fs/promises'
import { planRelease } from './release.js'

const [tag = ''] = process.argv.slice(2)
const manifest: { readonly version: string } = JSON.parse(await readFile('package.json', 'utf8'))
const changelog = await readFile('CHANGELOG.md', 'utf8')

try {
  const release = planRelease({ tag, version: manifest.version, changelog })
  const outputs = {
    notes: release.notes,
    prerelease: String(release.prerelease),
    major: release.major,
  }
  const end = randomUUID()
  const lines = Object.entries(outputs).map(([name, value]) => `${name}<<${end}\n${value}\n${end}\n`)
  const file = process.env['GITHUB_OUTPUT']
  if (file !== undefined) await appendFile(file, lines.join(''))
  process.stdout.write(`${JSON.stringify(outputs, undefined, 2)}\n`)
} catch (error) {
  process.stderr.write(`::error::${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
