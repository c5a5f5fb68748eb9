import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A module in webpack's statistics; joined modules are listed in `modules`. */
export interface BundledModule {
  readonly resource?: string
  readonly modules?: readonly BundledModule[]
}

/** Returns the folder of each package that these modules come from, once. */
export function packageFolders(modules: Iterable<BundledModule>): string[] {
  const files = [...modules].flatMap(filesOf)
  // On Windows the paths have backslashes.
  const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/
  const folders = files.flatMap((file) => folder.exec(file)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

function filesOf({ resource, modules }: BundledModule): string[] {
  return [...(resource === undefined ? [] : [resource]), ...(modules ?? []).flatMap(filesOf)]
}

/**
 * Returns the licenses of these packages: each text once, below the packages that have it word for word and the kind. Throws
 * for a package that names no license.
 */
export async function licensesOf(folders: readonly string[]): Promise<string> {
  const licenses = await Promise.all(folders.map(licenseOf))
  const packages = new Map<string, string[]>()
  for (const { name, license } of licenses) packages.set(license, [...(packages.get(license) ?? []), name])
  return [...packages]
    .map(([license, names]) => `${names.sort().join('\n')}\n${license}`)
    .sort()
    .join('\n')
}

async function licenseOf(folder: string): Promise<{ readonly name: string; readonly license: string }> {
  const { name, license }: { name: string; license?: string } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  )
  if (license === undefined) throw new Error(`${name} names no licence`)
  const file = (await readdir(folder)).filter((entry) => /^licen[cs]e/i.test(entry)).sort()[0]
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
  return { name, license: `${license}\n${text}` }
}
