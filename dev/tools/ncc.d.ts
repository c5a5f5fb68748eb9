// ncc has no types of its own. This is the part of its API that is used here.
declare module '@vercel/ncc' {
  interface Options {
    cache: boolean
    mainFields: readonly string[]
    quiet: boolean
    target: string
  }
  interface Module {
    resource?: string
    modules?: readonly object[]
  }
  interface ChunkGraph {
    getNumberOfModuleChunks(module: Module): number
  }
  interface Bundle {
    code: string
    assets: Record<string, { source: string | Buffer }>
    stats: { compilation: { modules: Iterable<Module>; chunkGraph: ChunkGraph } }
  }
  export default function ncc(entry: string, options: Options): Promise<Bundle>
}
