// Copies what the demo prints for a disk to docs/usage.md, between its markers. Run it with `npm run generate`.
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { withoutEmulatorWarning } from '../demo/emulator-warning.js'

const demo = spawnSync(process.execPath, ['.build/dev/demo/main.js'])
if (demo.status !== 0) throw new Error(`the demo failed: ${demo.stderr}`)
const printed = demo.stdout.toString()

/** Returns what the demo's first scene prints between two headings. */
function part(heading: string, next: string): string {
  const [, behind = ''] = printed.split(heading)
  const [content = ''] = behind.split(next)
  return content.trim()
}

// Ids differ from run to run, so the page keeps the ids it has, in order.
const anyId = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g

function put(text: string, mark: string, content: string): string {
  const between = new RegExp(`(<!-- demo:${mark} -->\n)([\\s\\S]*?)(\n<!-- /demo:${mark} -->)`)
  return text.replace(between, (_, start, before: string, end) => {
    const ids = before.match(anyId) ?? []
    return `${start}${content.replace(anyId, (id) => ids.shift() ?? id)}${end}`
  })
}

const log = withoutEmulatorWarning(part('── The log\n', '── The outputs'))
const summary = withoutEmulatorWarning(part('── The job summary (Markdown)\n', '── Exit code'))
const path = 'docs/usage.md'
const page = await readFile(path, 'utf8')
await writeFile(path, put(put(page, 'log', `\`\`\`text\n${log}\n\`\`\``), 'summary', summary))
