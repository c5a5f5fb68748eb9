// Writes what is generated from each action.yml (the tables of the READMEs, the declarations for the code) and the module
// with the script for the instance. Run it with `npm run generate`.
import { readFile, writeFile } from 'node:fs/promises'
import { metadataFile, metadataSource } from './action-metadata.js'
import { actionFolders, readmeTables, withTables } from './readme-tables.js'
import { remoteScriptFile, remoteScriptSource } from './remote-script.js'

for (const folder of actionFolders) {
  const path = `${folder}/README.md`
  const text = await readFile(path, 'utf8')
  await writeFile(path, withTables(text, await readmeTables(folder)))
}
await writeFile(metadataFile, await metadataSource())
await writeFile(remoteScriptFile, await remoteScriptSource())
