// Takes pictures of job summaries as GitHub shows them, from real runs of the built action. Run it with `npm run picture`.
// By default it writes the two of docs/usage.md to docs/images; with names of scenes, those to .build/pictures, in light and
// dark; with --all, all of them. With --check it draws nothing, and parses timelines with hostile names with Mermaid's parser.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { photograph } from './camera.js'
import { checkDiagrams } from './check-diagrams.js'
import { play, scenes } from './scenes.js'

const shown = ['success', 'timeout']
const asked = process.argv.slice(2)
if (asked.includes('--check')) {
  const number = 3000
  await checkDiagrams(number)
  process.stdout.write(`Mermaid reads ${number} timelines with hostile names as what they should be\n`)
  process.exit()
}
const folder = asked.length === 0 ? 'docs/images' : '.build/pictures'
const names = asked.includes('--all') ? Object.keys(scenes) : asked.length === 0 ? shown : asked
await mkdir(folder, { recursive: true })
for (const name of names) {
  const scene = scenes[name]
  if (scene === undefined) throw new Error(`There is no scene ${name}: ${Object.keys(scenes).join(', ')}`)
  const summary = await play(scene)
  if (asked.length > 0) await writeFile(join(folder, `${name}.md`), summary)
  await photograph(summary, join(folder, `summary-${name}.png`))
  if (asked.length > 0) await photograph(summary, join(folder, `summary-${name}-dark.png`), true)
  process.stdout.write(`${join(folder, `summary-${name}.png`)}\n`)
}
