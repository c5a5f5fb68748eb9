// Builds dist/ from the compiled sources: one bundle, the chunks that it loads on demand, a file of two lines for each
// entry point, and the licenses of everything in it. Run it with `npm run build`.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { minify } from '@swc/core'
import ncc from '@vercel/ncc'
import { licensesOf, packageFolders } from './licenses.js'

/** The entry points that an action.yml starts; each calls the function of the bundle with its name. */
const entryPoints = ['snapshot', 'wait', 'prune', 'restore'] as const

/** The entry points of the emulator's action: its main step, its post step, and the process between them. */
const rehearsalEntries = [
  ['emulator', 'emulator'],
  ['emulator-stop', 'emulatorStop'],
  ['emulator-server', 'emulatorServer'],
] as const

/** What the bundle exports: the entry points of src/, and those of the emulator, which src/ doesn't know. */
const bundleEntry = "export * from './src/index.js'\nexport * from './emulator/action/index.js'\n"

/** Returns every file of dist/ with its content, byte for byte the same each time. */
export async function bundle(root: string): Promise<ReadonlyMap<string, string>> {
  // ncc reads `paths` from here: the replacements for some packages' main files, see dev/tools/bundle/README.md.
  process.env['TS_NODE_PROJECT'] = join(root, 'dev/tools/bundle/tsconfig.json')
  const entry = join(root, '.build/bundle.js')
  await writeFile(entry, bundleEntry)
  const { code, assets, stats } = await ncc(entry, {
    cache: false,
    quiet: true,
    target: 'es2022',
    // Takes the packages' ES modules, so that unused code is left out.
    mainFields: ['module', 'main'],
  })
  const files = new Map([['index.js', await minified(code)]])
  for (const [name, { source }] of Object.entries(assets)) {
    files.set(name, name.endsWith('.js') ? await minified(source.toString()) : source.toString())
  }
  // ncc's own list omits the packages whose modules it has joined with ours.
  const { modules, chunkGraph } = stats.compilation
  const bundled = [...modules].filter((module) => chunkGraph.getNumberOfModuleChunks(module) > 0)
  files.set('licenses.txt', await licensesOf(packageFolders(bundled)))
  for (const [name, exported] of [...entryPoints.map((name) => [name, name] as const), ...rehearsalEntries]) {
    files.set(`${name}.js`, `import { ${exported} } from './index.js'\nawait ${exported}()\n`)
  }
  for (const [name, content] of files) {
    if (content.includes('webpackMissingModule')) throw new Error(`dist/${name} lacks a module`)
    // A single non-Latin-1 character makes V8 store the whole script in two bytes per character.
    const odd = /[^\n\r\t -~]/.exec(content)?.[0]
    if (name.endsWith('.js') && odd !== undefined) {
      throw new Error(`dist/${name} has a character beside ASCII: ${odd}`)
    }
  }
  return files
}

/** Uses swc, because ncc's own minifier skips the chunks and leaves the main file a third larger. */
async function minified(code: string): Promise<string> {
  const result = await minify(code, {
    module: true,
    // Each pass removes what only the one before has made unused: the shapes of operations that no action calls.
    compress: { passes: 10 },
    mangle: true,
    ecma: 2022,
    format: { asciiOnly: true },
  })
  return result.code
}

/** Empties the folder and writes the files to it. */
export async function writeDist(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  for (const [name, content] of files) {
    const path = resolve(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
}
