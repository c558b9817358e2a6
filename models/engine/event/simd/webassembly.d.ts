/** What the engine uses of the global `WebAssembly`, which Node has and TypeScript declares only together with the DOM. */
declare global {
  namespace WebAssembly {
    class Module {
      constructor(bytes: Uint8Array);
    }
    class Instance {
      constructor(module: Module, imports: Record<string, Record<string, unknown>>);
      readonly exports: Record<string, unknown>;
    }
    class Memory {
      constructor(descriptor: { initial: number; maximum: number; shared: true });
      readonly buffer: SharedArrayBuffer;
      /** Grows by so many pages of 64 KiB. Throws RangeError beyond the maximum. */
      grow(pages: number): number;
    }
    class CompileError extends Error {}
  }
}

export {};
