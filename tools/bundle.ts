// Builds dist/ from the compiled sources: one bundle, the chunks that it loads when it needs them, an entry of two lines
// for each door, and the licences of everything in it. Run it with `npm run build`.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import ncc from '@vercel/ncc'
import { licensesOf, packageFolders } from './licenses.js'

/** The doors: the entry that an action.yml starts, and the function of the bundle that it calls. */
export const doors = ['snapshot', 'wait', 'prune', 'restore'] as const

/** The settings that keep the bundle small and quick to start; without them it is what ncc makes by itself. */
const lean = { mainFields: ['module', 'main'], minify: true }
const plain = { mainFields: ['main'], minify: false }

/**
 * Every file of dist/ with its content, the same bytes every time. `asNccMakesIt` leaves out the aliases and settings of
 * this project, for a comparison.
 */
export async function bundle(
  root: string,
  { asNccMakesIt = false } = {},
): Promise<ReadonlyMap<string, string>> {
  // ncc reads `paths` from here: what the bundle takes in place of a package's main file, see tools/bundle/README.md.
  process.env['TS_NODE_PROJECT'] = join(root, asNccMakesIt ? 'tsconfig.json' : 'tools/bundle/tsconfig.json')
  const { code, assets, stats } = await ncc(join(root, '.build/src/index.js'), {
    cache: false,
    quiet: true,
    target: 'es2022',
    ...(asNccMakesIt ? plain : lean),
  })
  const files = new Map([['index.js', code]])
  for (const [name, { source }] of Object.entries(assets)) files.set(name, source.toString())
  // ncc's own list leaves out the packages whose modules it has joined with ours.
  files.set('licenses.txt', await licensesOf(packageFolders(stats.compilation.modules)))
  for (const door of doors) {
    files.set(`${door}.js`, `import { ${door} } from './index.js'\nawait ${door}()\n`)
  }
  for (const [name, content] of files) {
    if (content.includes('webpackMissingModule')) throw new Error(`dist/${name} lacks a module`)
    // One other character, and V8 keeps every character of the script in two bytes.
    const odd = /[^\n\r\t -~]/.exec(content)?.[0]
    if (name.endsWith('.js') && odd !== undefined && !asNccMakesIt) {
      throw new Error(`dist/${name} has a character beside ASCII: ${odd}`)
    }
  }
  return files
}

/** Writes the files into an emptied folder. */
export async function writeDist(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  for (const [name, content] of files) {
    const path = resolve(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
}
