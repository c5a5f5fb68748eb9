import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A module as webpack has it: one that stands for several has them in `modules`. */
export interface BundledModule {
  readonly resource?: string
  readonly modules?: readonly BundledModule[]
}

/** The folders of the packages that these modules come from, each once. */
export function packageFolders(modules: Iterable<BundledModule>): string[] {
  const files = [...modules].flatMap(filesOf)
  // The paths are the machine's: with backslashes on Windows.
  const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/
  const folders = files.flatMap((file) => folder.exec(file)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

function filesOf({ resource, modules }: BundledModule): string[] {
  return [...(resource === undefined ? [] : [resource]), ...(modules ?? []).flatMap(filesOf)]
}

/**
 * The licences of these packages, one after the other by name: name, kind, and the licence's text where the package brings it.
 * Throws for a package that says nothing about its licence.
 */
export async function licensesOf(folders: readonly string[]): Promise<string> {
  const entries = await Promise.all(folders.map(licenseOf))
  return entries.sort().join('\n')
}

async function licenseOf(folder: string): Promise<string> {
  const { name, license }: { name: string; license?: string } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  )
  if (license === undefined) throw new Error(`${name} names no licence`)
  const file = (await readdir(folder)).filter((entry) => /^licen[cs]e/i.test(entry)).sort()[0]
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
  return `${name}\n${license}\n${text}`
}
