/**
 * The hot loops of the event engine in AssemblyScript (TypeScript's road to WebAssembly), four float32 lanes at a time.
 * Each does what its namesake in ../../kernels.ts does, with the same additions in the same order; that file is the
 * one to read first. Lanes are neurons, never terms of a sum, so vectors change nothing in the order.
 *
 * Arguments of type `usize` are addresses of arrays in linear memory. Rows are `stride` floats apart, a multiple of 4;
 * the lanes beyond a layer's width hold zeros and never fire.
 */

export { convolve, spread } from './convolve';
export { dense } from './dense';
export { addPair, fireLayer, sumBlock } from './pieces';
export { products } from './products';
export { respond } from './srm';
export { renewNodes, scanSums } from './stream';
