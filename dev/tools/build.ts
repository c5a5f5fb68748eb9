import { bundle, writeDist } from './bundle.js'

const files = await bundle(process.cwd())
await writeDist('dist', files)
const bytes = [...files]
  .filter(([name]) => name.endsWith('.js'))
  .reduce((sum, [, code]) => sum + code.length, 0)
process.stdout.write(`dist: ${files.size} files, ${(bytes / 1e6).toFixed(3)} MB of JavaScript\n`)
