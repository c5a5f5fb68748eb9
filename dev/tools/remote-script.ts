// Generates the module that contains the script for the instance, because the bundle can't load other files.
import { readFile } from 'node:fs/promises'

/** The path of the generated file from the root. */
export const remoteScriptFile = 'src/pause/remote-script.ts'

/** Returns the script's lines, without empty ones and comments: the file with them is beside the module. */
export async function remoteScriptLines(): Promise<string[]> {
  const lines = (await readFile('src/pause/remote.sh', 'utf8')).split('\n')
  return lines.filter((line) => !/^\s*(#|$)/.test(line))
}

/** Returns the module, before it is formatted. */
export async function remoteScriptSource(): Promise<string> {
  const lines = await remoteScriptLines()
  return [
    '// Made from remote.sh by `npm run generate`.',
    '',
    '/** The script that pauses an instance. It follows the values that it needs. */',
    `export const remoteScript = [${lines.map((line) => JSON.stringify(line)).join(', ')}, ""].join('\\n')`,
    '',
  ].join('\n')
}
