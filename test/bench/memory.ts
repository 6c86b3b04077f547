/** Bytes in use once all garbage is collected; external memory included. */
export function usedHeap(): number {
    for (let round = 0; round < 3; round++) globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
}
