// Puts the tables made from each action.yml into the README beside it. Run it with `npm run readme`.
import { readFile, writeFile } from 'node:fs/promises'
import { actionFolders, readmeTables, withTables } from './readme-tables.js'

for (const folder of actionFolders) {
  const path = `${folder}/README.md`
  const text = await readFile(path, 'utf8')
  await writeFile(path, withTables(text, await readmeTables(folder)))
}
