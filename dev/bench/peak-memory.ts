// Loaded into a process with --import: writes its peak memory, in KiB, to a file at exit.
import { writeFileSync } from 'node:fs'

const file = process.env['PEAK_MEMORY_FILE']
if (file !== undefined) {
  process.once('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS)))
}
