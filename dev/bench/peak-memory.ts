// Loaded into a process with --import: writes the most memory that it held, in KiB, into a file when it ends.
import { writeFileSync } from 'node:fs'

const file = process.env['PEAK_MEMORY_FILE']
if (file !== undefined) {
  process.once('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS)))
}
